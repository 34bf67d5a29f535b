import { checkLakeFormat, findProcessedManifest, type ProcessedManifest } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { type PublishedTable, publishedTables } from '@totesys/schema';
import { findVisibleBatches } from './find-visible-batches.ts';
import type { PublishDeps } from './publish-deps.ts';
import type { PublishedRows, PublishResult } from './publish-result.ts';
import { publishTable } from './publish-table.ts';
import { readTableState, type TableState } from './table-state.ts';

export { comparePublished, type PublishedComparison, type PublishedDifference } from './compare-published.ts';
export type { PublishDeps } from './publish-deps.ts';
export type { PublishedRows, PublishResult } from './publish-result.ts';
export { readWatermarks } from './read-watermarks.ts';
export { rebuild } from './rebuild.ts';

/** A published table with its state. */
interface Published {
  readonly table: PublishedTable;
  readonly state: TableState;
}

/**
 * Appends every visible batch that the Iceberg tables lack: dimensions first, then facts, then the table of the
 * batches, by which readers know up to which batch all tables are complete.
 */
export async function publish(deps: PublishDeps): Promise<PublishResult> {
  const { processed, deadlineMs = Number.POSITIVE_INFINITY } = deps;
  await checkLakeFormat(processed);
  const total = new Map<string, PublishedRows>();
  let first = 0;
  let watermark: number | undefined;
  let blocked: PipelineError | undefined;
  try {
    for (let hasMore = true; hasMore; ) {
      const tables = await readStates(deps);
      watermark = Math.min(...tables.map(({ state }) => state.watermark));
      const found = await findVisibleBatches(deps, watermark + 1);
      blocked = found.blocked;
      if (found.manifests.length > 0) {
        await publishRound(deps, tables, found.manifests, total);
        first ||= watermark + 1;
        watermark = found.manifests.at(-1)!.batch;
      } else {
        for (const { table } of tables) await deps.catalogue.repair?.(table.name);
      }
      hasMore = found.hasMore && Date.now() < deadlineMs;
    }
  } finally {
    // Without the tables' state the lag is not known, and the alarm notices the missing metric.
    if (watermark !== undefined) await reportLag(deps, watermark);
  }
  const last = watermark ?? 0;
  if (blocked) deps.telemetry.warn('batch:blocked', { batch: last + 1, reason: blocked.message });
  return {
    outcome: first > 0 ? 'published' : 'unchanged',
    batches: first > 0 ? { first, last } : null,
    watermark: last,
    tables: [...total.values()],
    ...(blocked && { blocked: blocked.message }),
  };
}

async function readStates(deps: PublishDeps): Promise<Published[]> {
  const tables: Published[] = [];
  for (const table of publishedTables(deps.model)) tables.push({ table, state: await readTableState(deps, table) });
  await checkOrigins(deps, tables);
  return tables;
}

async function publishRound(
  deps: PublishDeps,
  tables: readonly Published[],
  manifests: readonly ProcessedManifest[],
  total: Map<string, PublishedRows>,
): Promise<void> {
  for (const { table, state } of tables) {
    const added = await publishTable(deps, table, manifests, state);
    const before = total.get(table.name) ?? { table: table.name, rows: 0, files: 0 };
    total.set(table.name, { ...before, rows: before.rows + added.rows, files: before.files + added.files });
    if (added.rows > 0) deps.telemetry.info('table:published', { ...added, batch: manifests.at(-1)!.batch });
  }
}

// Another lake, or an older copy, has another batch under the number of the watermark, or lacks it.
async function checkOrigins({ processed }: PublishDeps, tables: readonly Published[]): Promise<void> {
  const checked = new Map<number, string | undefined>();
  for (const { table, state } of tables) {
    const { watermark, origin } = state;
    if (watermark === 0) continue;
    if (!checked.has(watermark)) {
      checked.set(watermark, (await findProcessedManifest(processed, watermark))?.manifest.ingestion.sha256);
    }
    const found = checked.get(watermark);
    if (found === origin) continue;
    throw new PipelineError(
      ErrorCode.CHAIN_BROKEN,
      `Batch ${watermark} of the lake ${processed.uri} is not the one that Iceberg table '${table.name}' has: ` +
        `expected one derived from ${origin}, got ${found ?? 'none'}. Name the lake that the tables ` +
        'were published from, restore what an older copy of it lacks, or publish into an empty place.',
      { context: { batch: watermark, table: table.name, expected: origin, got: found ?? null } },
    );
  }
}

async function reportLag({ processed, telemetry }: PublishDeps, watermark: number): Promise<void> {
  try {
    const waiting = await findProcessedManifest(processed, watermark + 1);
    const seconds = waiting ? (Date.now() - Date.parse(`${waiting.manifest.sourceClock}Z`)) / 1000 : 0;
    telemetry.metric('PublishLagSeconds', Math.max(0, seconds));
  } catch (error) {
    // The run has succeeded or failed by itself.
    telemetry.error('lag:unknown', error);
  }
}
