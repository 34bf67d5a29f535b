import { findNewestBatch, findProcessedManifest, type ProcessedManifest, type ReadManifest } from '@totesys/lake';
import { checkLake, readLedgerHead } from './ledger.ts';
import { type BatchOutcome, countHeld, type LoadDeps, loadBatch } from './load-batch.ts';
import { migrate } from './migrate.ts';

export type { LoadDeps } from './load-batch.ts';

type Waiting = ReadManifest<ProcessedManifest>;

/** What a load run did; `held` facts wait for a dimension row. */
export interface LoadResult {
  readonly outcome: 'loaded' | 'unchanged' | 'yielded';
  readonly batches: readonly number[];
  readonly rows: number;
  readonly held: number;
  readonly reason?: string;
}

/** Loads the oldest batch that waits, then the next, each in one transaction, along the manifests' chain, until none is left or time is up. */
export async function load(deps: LoadDeps): Promise<LoadResult> {
  const { model, warehouse, processed, telemetry } = deps;
  await migrate(warehouse, model, telemetry);
  const head = await readLedgerHead(warehouse);
  await checkLake(processed, head);
  const batches: number[] = [];
  let rows = 0;
  let next = head.batch + 1;
  let waiting = await findProcessedManifest(processed, next);
  while (waiting && (batches.length === 0 || Date.now() < deps.deadlineMs)) {
    const result = await loadWaiting(deps, waiting);
    if (result.outcome === 'yielded') {
      const reason = 'another load is at work on this warehouse';
      return { outcome: 'yielded', batches, rows, held: await countHeld(deps), reason };
    }
    if (result.outcome === 'loaded') {
      batches.push(next);
      rows += result.rows;
      telemetry.info('batch:loaded', { batch: next, rows: result.rows });
      telemetry.metric('RowsLoaded', result.rows, 'Count');
    }
    waiting = await findProcessedManifest(processed, ++next);
  }
  if (!waiting) await reportGap(deps, next);
  const held = await countHeld(deps);
  telemetry.metric('RowsHeld', held, 'Count');
  reportAge(deps, waiting);
  return { outcome: batches.length > 0 ? 'loaded' : 'unchanged', batches, rows, held };
}

// A batch that is not derived yet is none to load; that later ones are there already is worth a word.
async function reportGap({ processed, telemetry }: LoadDeps, missing: number): Promise<void> {
  const newest = await findNewestBatch(processed, missing);
  if (newest > missing) telemetry.warn('batch:missing', { batch: missing, newest });
}

// A batch that cannot load grows old, and that is when somebody looks at its age.
async function loadWaiting(deps: LoadDeps, waiting: Waiting): Promise<BatchOutcome> {
  try {
    return await loadBatch(deps, waiting);
  } catch (error) {
    reportAge(deps, waiting);
    throw error;
  }
}

function reportAge({ telemetry }: LoadDeps, waiting: Waiting | undefined): void {
  const seconds = waiting ? (Date.now() - Date.parse(`${waiting.manifest.sourceClock}Z`)) / 1000 : 0;
  telemetry.metric('OldestUnloadedSeconds', Math.max(0, seconds), 'Seconds');
}
