import { findNewestBatch, readProcessedManifest, type Store } from '@totesys/lake';
import { checkLake, readLedgerHead } from './ledger.ts';
import { countHeld, type LoadDeps, loadBatch } from './load-batch.ts';
import { migrate } from './migrate.ts';

export type { LoadDeps } from './load-batch.ts';

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
  const newest = await findNewestBatch(processed, head.batch);
  await checkLake(processed, head);
  const batches: number[] = [];
  let rows = 0;
  let next = head.batch + 1;
  for (; next <= newest && (batches.length === 0 || Date.now() < deps.deadlineMs); next++) {
    const result = await loadBatch(deps, next);
    if (result.outcome === 'yielded') {
      return {
        outcome: 'yielded',
        batches,
        rows,
        held: await countHeld(deps),
        reason: 'another load is at work on this warehouse',
      };
    }
    if (result.outcome === 'done') continue;
    batches.push(next);
    rows += result.rows;
    telemetry.info('batch:loaded', { batch: next, rows: result.rows });
    telemetry.metric('RowsLoaded', result.rows, 'Count');
  }
  const held = await countHeld(deps);
  telemetry.metric('RowsHeld', held, 'Count');
  telemetry.metric('OldestUnloadedSeconds', next <= newest ? await ageSeconds(processed, next) : 0, 'Seconds');
  return { outcome: batches.length > 0 ? 'loaded' : 'unchanged', batches, rows, held };
}

async function ageSeconds(store: Store, batch: number): Promise<number> {
  const { manifest } = await readProcessedManifest(store, batch);
  return Math.max(0, (Date.now() - Date.parse(`${manifest.sourceClock}Z`)) / 1000);
}
