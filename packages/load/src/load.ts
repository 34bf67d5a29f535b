import {
  checkLakeFormat,
  checkProcessedHead,
  findGroup,
  findIngestionManifest,
  findNewestBatch,
  findProcessedManifest,
} from '@totesys/lake';
import { atDatabase } from '@totesys/runtime';
import { findLedgerHead } from '@totesys/warehouse';
import { adopt } from './ledger/adopt.ts';
import { checkRecordIds } from './ledger/check-record-ids.ts';
import { judgeOtherLoad } from './ledger/load-lock.ts';
import { completeLedger } from './ledger/write-ledger.ts';
import { countHeld, type LoadDeps, loadBatches } from './load-batch.ts';
import { migrate } from './migrate/migrate.ts';
import { writeComments } from './migrate/write-comments.ts';

export type { LoadDeps } from './load-batch.ts';

/** What a load run did; `held` facts wait for a dimension row. */
export interface LoadResult {
  readonly outcome: 'loaded' | 'unchanged' | 'yielded';
  readonly batches: readonly number[];
  readonly rows: number;
  readonly held: number;
  readonly reason?: string;
  /** Set where the role may not see whether the other load works. */
  readonly warnings?: readonly string[];
  /** With `adopt`: the last record id that was accepted of each fact that had rows before the first batch. */
  readonly adopted?: Readonly<Record<string, number>>;
}

/** Loads the oldest batch that waits, then the next, each in one transaction, along the manifests' chain, until none is left or time is up. */
export function load(deps: LoadDeps): Promise<LoadResult> {
  return atDatabase('warehouse', () => loadAll(deps));
}

async function loadAll(deps: LoadDeps): Promise<LoadResult> {
  const { model, warehouse, processed, telemetry } = deps;
  const head = await findLedgerHead(warehouse);
  const progress: Progress = { batches: [], rows: 0, next: head.batch + 1 };
  try {
    // The migration is the first to write: where lake and warehouse do not belong together, both stay as they are.
    await checkLakeFormat(processed);
    await checkProcessedHead(processed, head);
    const isMigrated = await migrate(warehouse, model, telemetry);
    if (isMigrated) await writeComments(warehouse, model, telemetry);
    await completeLedger(warehouse, model, telemetry);
    const adoption = deps.adopt === true ? await adopt(warehouse, model, telemetry) : undefined;
    const adopted = adoption?.outcome === 'adopted' ? { adopted: adoption.lastRecordIds } : {};
    if (adoption?.outcome !== 'yielded') await checkRecordIds(warehouse, model);
    const reason = adoption?.outcome === 'yielded' ? adoption.reason : await loadWaiting(deps, progress);
    const { batches, rows } = progress;
    const held = await countHeld(deps);
    if (reason !== undefined) {
      const { warning } = await judgeOtherLoad(warehouse, deps.holderLimits);
      const warnings = warning === undefined ? {} : { warnings: [warning] };
      return { outcome: 'yielded', batches, rows, held, reason, ...warnings, ...adopted };
    }
    telemetry.metric('RowsHeld', held);
    telemetry.metric('BatchesBlocked', 0);
    return { outcome: batches.length > 0 ? 'loaded' : 'unchanged', batches, rows, held, ...adopted };
  } catch (error) {
    telemetry.metric('BatchesBlocked', 1);
    throw error;
  } finally {
    // A batch that cannot load grows old, and that is when somebody looks at its age.
    await reportAge(deps, progress.next);
  }
}

interface Progress {
  readonly batches: number[];
  rows: number;
  /** The oldest batch that the warehouse lacks. */
  next: number;
}

// Gives why it stops before the end: another load is at work.
async function loadWaiting(deps: LoadDeps, progress: Progress): Promise<string | undefined> {
  const { processed, telemetry, until = Number.POSITIVE_INFINITY, deadlineMs = Number.POSITIVE_INFINITY } = deps;
  while (progress.next <= until && (progress.batches.length === 0 || Date.now() < deadlineMs)) {
    const waiting = await findProcessedManifest(processed, progress.next);
    if (!waiting) {
      await reportGap(deps, progress.next);
      return undefined;
    }
    telemetry.about({ batch: progress.next });
    const group = await findGroup(deps, waiting);
    const result = await loadBatches(deps, group);
    if (result.outcome === 'yielded') return result.reason;
    for (const { batch, rows, rowsByTable } of result.outcome === 'loaded' ? result.loaded : []) {
      progress.batches.push(batch);
      progress.rows += rows;
      telemetry.info('batch:loaded', { batch, rows });
      // A line a table: the dashboard sums them, and a table that the model gains needs no edit there.
      for (const [table, rows] of Object.entries(rowsByTable)) {
        if (rows > 0) telemetry.info('table:loaded', { batch, table, rows });
      }
      telemetry.metric('RowsLoaded', rows);
    }
    progress.next += group.length;
  }
  return undefined;
}

// A batch that is not derived yet is none to load; that later ones are there already is worth a word.
async function reportGap({ processed, telemetry }: LoadDeps, missing: number): Promise<void> {
  const newest = await findNewestBatch(processed, missing);
  if (newest > missing) telemetry.warn('batch:missing', { batch: missing, newest });
}

// From ingest's manifest, not from transform's: one that is never derived waits, too.
async function reportAge({ ingestion, telemetry }: LoadDeps, batch: number): Promise<void> {
  if (!ingestion) return;
  try {
    const waiting = await findIngestionManifest(ingestion, batch);
    const seconds = waiting ? (Date.now() - Date.parse(`${waiting.manifest.sourceClock}Z`)) / 1000 : 0;
    telemetry.metric('OldestUnloadedSeconds', Math.max(0, seconds));
  } catch (error) {
    // What was loaded is loaded; the metric that is missing is what the alarm on freshness goes by.
    telemetry.error('freshness:unknown', error);
  }
}
