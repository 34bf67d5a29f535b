import {
  checkLakeFormat,
  checkProcessedHead,
  findBatchesToLoad,
  findIngestionManifest,
  findNewestBatch,
  findProcessedManifest,
} from '@totesys/lake';
import { atDatabase } from '@totesys/runtime';
import { findLedgerHead } from '@totesys/warehouse';
import { type Adoption, adopt } from './ledger/adopt.ts';
import { checkRecordIds } from './ledger/check-record-ids.ts';
import { judgeOtherLoad } from './ledger/load-lock.ts';
import { completeLedger } from './ledger/write-ledger.ts';
import { countHeld, type LoadDeps, type LoadedBatch, loadBatches } from './load-batch.ts';
import { migrate } from './migrate/migrate.ts';
import { writeComments } from './migrate/write-comments.ts';

export type { LoadDeps } from './load-batch.ts';
export type { MigrationStep } from './migrate/migration.ts';
export type { LoadPlan, PlannedBatch } from './plan/load-plan.ts';
export { planLoad } from './plan/plan-load.ts';

/** The result of a load run. */
export interface LoadResult {
  readonly outcome: 'loaded' | 'unchanged' | 'yielded';
  readonly batches: readonly number[];
  readonly rows: number;
  /** The number of facts that wait for a dimension row. */
  readonly held: number;
  /** Why the run yielded. */
  readonly reason?: string;
  /** Set if the role may not see whether the other load still works. */
  readonly warnings?: readonly string[];
  /** With `adopt`: the last accepted record id of each fact that had rows before the first batch. */
  readonly adopted?: Readonly<Record<string, number>>;
}

interface Progress {
  readonly batches: number[];
  rows: number;
  /** The oldest batch that the warehouse lacks. */
  next: number;
}

/**
 * Loads the batches that wait, the oldest first, each in one transaction, until none is left or the deadline has
 * passed.
 */
export function load(deps: LoadDeps): Promise<LoadResult> {
  return atDatabase('warehouse', () => loadAll(deps));
}

async function loadAll(deps: LoadDeps): Promise<LoadResult> {
  const { warehouse, processed, telemetry } = deps;
  const head = await findLedgerHead(warehouse);
  const progress: Progress = { batches: [], rows: 0, next: head.batch + 1 };
  try {
    // Before the migration, which writes first: if lake and warehouse do not belong together, neither is changed.
    await checkLakeFormat(processed);
    await checkProcessedHead(processed, head);
    const adoption = await prepareWarehouse(deps);
    const reason = adoption?.outcome === 'yielded' ? adoption.reason : await loadWaiting(deps, progress);
    const result = await describeRun(deps, progress, adoption);
    if (reason !== undefined) return { ...result, ...(await yieldTo(deps, reason)) };
    telemetry.metric('RowsHeld', result.held);
    telemetry.metric('BatchesBlocked', 0);
    return result;
  } catch (error) {
    telemetry.metric('BatchesBlocked', 1);
    throw error;
  } finally {
    // Also after a failure: the age of a batch that cannot load is what the freshness alarm watches.
    await reportAge(deps, progress.next);
  }
}

// Migrates the warehouse, adopts its rows if asked to, and checks that the ledger knows all other rows.
async function prepareWarehouse({ warehouse, model, telemetry, ...deps }: LoadDeps): Promise<Adoption | undefined> {
  const isMigrated = await migrate(warehouse, model, telemetry);
  if (isMigrated) await writeComments(warehouse, model, telemetry);
  await completeLedger(warehouse, model, telemetry);
  const adoption = deps.adopt === true ? await adopt(warehouse, model, telemetry) : undefined;
  if (adoption?.outcome !== 'yielded') await checkRecordIds(warehouse, model);
  return adoption;
}

// Returns the reason when it stops early because another load is at work, otherwise undefined.
async function loadWaiting(deps: LoadDeps, progress: Progress): Promise<string | undefined> {
  const { processed, telemetry, until = Number.POSITIVE_INFINITY, deadlineMs = Number.POSITIVE_INFINITY } = deps;
  while (progress.next <= until && (progress.batches.length === 0 || Date.now() < deadlineMs)) {
    const waiting = await findProcessedManifest(processed, progress.next);
    if (!waiting) {
      await reportGap(deps, progress.next);
      return undefined;
    }
    telemetry.about({ batch: progress.next });
    const group = await findBatchesToLoad(deps, waiting);
    const result = await loadBatches(deps, group);
    if (result.outcome === 'yielded') return result.reason;
    for (const loaded of result.outcome === 'loaded' ? result.loaded : []) {
      progress.batches.push(loaded.batch);
      progress.rows += loaded.rows;
      reportLoaded(deps, loaded);
    }
    progress.next += group.length;
  }
  return undefined;
}

function reportLoaded({ telemetry }: LoadDeps, { batch, rows, rowsByTable }: LoadedBatch): void {
  telemetry.info('batch:loaded', { batch, rows });
  // One line for each table: the dashboard sums them, and a new table needs no edit there.
  for (const [table, rows] of Object.entries(rowsByTable)) {
    if (rows > 0) telemetry.info('table:loaded', { batch, table, rows });
  }
  telemetry.metric('RowsLoaded', rows);
}

// A batch that transform has not derived yet is no fault, unless later ones are derived.
async function reportGap({ processed, telemetry }: LoadDeps, missing: number): Promise<void> {
  const newest = await findNewestBatch(processed, missing);
  if (newest > missing) telemetry.warn('batch:missing', { batch: missing, newest });
}

async function describeRun(deps: LoadDeps, progress: Progress, adoption: Adoption | undefined): Promise<LoadResult> {
  const { batches, rows } = progress;
  const outcome = batches.length > 0 ? 'loaded' : 'unchanged';
  const held = await countHeld(deps);
  return { outcome, batches, rows, held, ...(adoption?.outcome === 'adopted' && { adopted: adoption.lastRecordIds }) };
}

async function yieldTo({ warehouse, holderLimits }: LoadDeps, reason: string) {
  const { warning } = await judgeOtherLoad(warehouse, holderLimits);
  return { outcome: 'yielded', reason, ...(warning !== undefined && { warnings: [warning] }) } as const;
}

// The age comes from the manifest of ingest, not of transform: a batch that is never derived waits, too.
async function reportAge({ ingestion, telemetry }: LoadDeps, batch: number): Promise<void> {
  if (!ingestion) return;
  try {
    const waiting = await findIngestionManifest(ingestion, batch);
    const seconds = waiting ? (Date.now() - Date.parse(`${waiting.manifest.sourceClock}Z`)) / 1000 : 0;
    telemetry.metric('OldestUnloadedSeconds', Math.max(0, seconds));
  } catch (error) {
    // The load has succeeded or failed by itself; the freshness alarm notices the missing metric.
    telemetry.error('freshness:unknown', error);
  }
}
