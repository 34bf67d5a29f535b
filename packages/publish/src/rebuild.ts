import {
  type DataFile,
  findIdentity,
  newTable,
  type TableIdentity,
  type TableVersion,
  uriOf,
  withPrevious,
  writeDataFiles,
} from '@totesys/iceberg';
import { checkLakeFormat, type ProcessedManifest } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { type PublishedTable, publishedTables } from '@totesys/schema';
import { append } from './commit-table.ts';
import { findVisibleBatches } from './find-visible-batches.ts';
import type { PublishDeps } from './publish-deps.ts';
import type { PublishResult } from './publish-result.ts';
import { busy } from './publish-table.ts';
import { tableRows } from './table-rows.ts';
import { PROPERTY } from './table-state.ts';

/** A table that is written again. */
interface Rebuilt {
  readonly table: PublishedTable;
  /** What the catalogue has, whatever its state. */
  readonly version: TableVersion | undefined;
  readonly before: TableIdentity | undefined;
  readonly files: DataFile[];
  rows: number;
  calendarParts: readonly string[];
}

/**
 * Writes every table again from the lake, into new files, and replaces what the catalogue has by metadata that names
 * only these files. Readers see the old state of a table until its new one is whole. Old files stay; the operator
 * deletes them.
 */
export async function rebuild(deps: PublishDeps): Promise<PublishResult> {
  await checkLakeFormat(deps.processed);
  const folder = `rebuild-${new Date().toISOString().replace(/[^0-9TZ]/g, '')}`;
  const tables = await findTables(deps);
  let last: ProcessedManifest | undefined;
  let blocked: PipelineError | undefined;
  for (let hasMore = true; hasMore; ) {
    const found = await findVisibleBatches(deps, (last?.batch ?? 0) + 1);
    if (found.manifests.length > 0) for (const each of tables) await writeRound(deps, folder, each, found.manifests);
    last = found.manifests.at(-1) ?? last;
    blocked = found.blocked;
    hasMore = found.hasMore;
  }
  checkWatermarks(deps, tables, last?.batch ?? 0);
  if (last) for (const each of tables) await replace(deps, each, last);
  return {
    outcome: last ? 'published' : 'unchanged',
    batches: last ? { first: 1, last: last.batch } : null,
    watermark: last?.batch ?? 0,
    tables: tables.map(({ table, rows, files }) => ({ table: table.name, rows, files: files.length })),
    ...(blocked && { blocked: blocked.message }),
  };
}

async function findTables({ model, catalogue }: PublishDeps): Promise<Rebuilt[]> {
  const tables: Rebuilt[] = [];
  for (const table of publishedTables(model)) {
    const version = await catalogue.find(table.name);
    tables.push({ table, version, before: findIdentity(version?.metadata), files: [], rows: 0, calendarParts: [] });
  }
  return tables;
}

async function writeRound(
  deps: PublishDeps,
  folder: string,
  rebuilt: Rebuilt,
  manifests: readonly ProcessedManifest[],
): Promise<void> {
  const { table } = rebuilt;
  const rows = tableRows(deps, table, manifests, rebuilt.calendarParts);
  const target = {
    place: deps.place,
    folder: `${table.name}/data/${folder}/`,
    prefix: `${manifests[0]!.batch}-${manifests.at(-1)!.batch}-`,
    columns: table.columns,
  };
  rebuilt.files.push(...(await writeDataFiles(target, rows.read())));
  rebuilt.rows += rows.count;
  rebuilt.calendarParts = rows.calendarParts;
}

async function replace(deps: PublishDeps, rebuilt: Rebuilt, last: ProcessedManifest): Promise<void> {
  const { table, version, before, files, calendarParts } = rebuilt;
  const empty = newTable(uriOf(deps.place, table.name), table.columns, before);
  const next = await append(deps, table, empty, { files, calendarParts, first: 1, last });
  const uri = version?.metadataUri;
  const metadata = uri && version?.metadata ? withPrevious(next, { uri, timestampMs: next['last-updated-ms'] }) : next;
  if (!(await deps.catalogue.commit(table.name, version, metadata))) throw busy(table);
  deps.telemetry.info('table:published', { table: table.name, rows: rebuilt.rows, batch: last.batch });
}

// Readers have seen the batches up to the watermark: an older copy of the lake must not take them away.
function checkWatermarks({ processed }: PublishDeps, tables: readonly Rebuilt[], last: number): void {
  for (const { table, before } of tables) {
    const watermark = Number(before?.properties[PROPERTY.watermark] ?? 0);
    if (!(watermark > last)) continue;
    throw new PipelineError(
      ErrorCode.CHAIN_BROKEN,
      `Iceberg table '${table.name}' has batches up to ${watermark}, and the lake ${processed.uri} shows batches ` +
        `up to ${last} only. The table was left as it is. Name the lake that it was published from, restore what an ` +
        'older copy of it lacks, or publish into an empty place.',
      { context: { table: table.name, watermark, last } },
    );
  }
}
