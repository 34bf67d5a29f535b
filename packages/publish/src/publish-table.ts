import { writeDataFiles } from '@totesys/iceberg';
import type { ProcessedManifest } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { PublishedTable } from '@totesys/schema';
import { type Addition, commitTable } from './commit-table.ts';
import type { PublishDeps } from './publish-deps.ts';
import type { PublishedRows } from './publish-result.ts';
import { tableRows } from './table-rows.ts';
import { readTableState, type TableState } from './table-state.ts';

/** How often a commit is tried that other commits precede. */
const COMMIT_TRIES = 10;

/** Appends the batches that a table lacks. If another commit is first, the table is read again: nothing comes twice. */
export async function publishTable(
  deps: PublishDeps,
  table: PublishedTable,
  manifests: readonly ProcessedManifest[],
  known: TableState,
): Promise<PublishedRows> {
  let state = known;
  let written: { after: number; addition: Addition; rows: number } | undefined;
  for (let attempt = 1; attempt <= COMMIT_TRIES; attempt++) {
    const after = state.watermark;
    if (manifests.at(-1)!.batch <= after) return { table: table.name, rows: 0, files: 0 };
    if (written?.after !== after) written = await writeAddition(deps, table, manifests, state);
    if (await commitTable(deps, table, state, written.addition)) {
      return { table: table.name, rows: written.rows, files: written.addition.files.length };
    }
    deps.telemetry.info('commit:lost', { table: table.name, attempt });
    state = await readTableState(deps, table);
  }
  throw busy(table);
}

async function writeAddition(
  deps: PublishDeps,
  table: PublishedTable,
  manifests: readonly ProcessedManifest[],
  { watermark, calendarParts }: TableState,
) {
  const missing = manifests.filter(({ batch }) => batch > watermark);
  const [first, last] = [missing[0]!, missing.at(-1)!];
  const rows = tableRows(deps, table, missing, calendarParts);
  const target = { place: deps.place, folder: `${table.name}/data/`, prefix: `${first.batch}-${last.batch}-` };
  const files = await writeDataFiles({ ...target, columns: table.columns }, rows.read());
  const addition = { files, calendarParts: rows.calendarParts, first: first.batch, last };
  return { after: watermark, rows: rows.count, addition };
}

/** Error for a table to which other writers commit before publish can. */
export function busy({ name }: Pick<PublishedTable, 'name'>): PipelineError {
  return new PipelineError(
    ErrorCode.ICEBERG_BUSY,
    `Iceberg table '${name}' could not be committed: each time, another commit came first. Run again; if the error ` +
      'remains, look for an engine that rewrites the table without a pause.',
    { context: { table: name } },
  );
}
