import { checkNextBatch, type ProcessedManifest, type ReadManifest, type Store } from '@totesys/lake';
import {
  describeDatabaseError,
  execute,
  type HolderLimits,
  inTransaction,
  isDatabaseError,
  PipelineError,
  type Pool,
  query,
  READ_COMMITTED,
  type StageTelemetry,
  type Transaction,
  type TransactionOptions,
  WRITING,
} from '@totesys/runtime';
import { factsOf, type Model, warehouseTablesInOrder } from '@totesys/schema';
import { readLedgerHead } from '@totesys/warehouse';
import { tableFailure } from './errors/table-failure.ts';
import { checkNextRecordIds } from './ledger/check-record-ids.ts';
import { describeHolder, tryLoadLock } from './ledger/load-lock.ts';
import { writeLedger } from './ledger/write-ledger.ts';
import { analyzeChanged } from './merge/analyze-changed.ts';
import { loadDimension, loadFact } from './merge/load-table.ts';
import type { MergeContext } from './merge/merge-context.ts';
import { countHeldRows, type HeldCount } from './sql/held.ts';

type Waiting = ReadManifest<ProcessedManifest>;

/** What load works with. */
export interface LoadDeps {
  readonly model: Model;
  readonly warehouse: Pool;
  readonly processed: Store;
  /** The ingestion lake, whose manifests have the age of waiting batches. Without it, no age is reported. */
  readonly ingestion?: Store;
  readonly telemetry: StageTelemetry<'load'>;
  /** The time, in milliseconds since 1970, after which no further batch is begun; without it, all are loaded. */
  readonly deadlineMs?: number;
  /** The last batch to load; without it, the newest one. */
  readonly until?: number;
  /** Accepts rows that the facts have before the first batch; without it they stop the load. */
  readonly adopt?: boolean;
  /** How long the session of another load may stay the same before it counts as dead. */
  readonly holderLimits?: HolderLimits;
}

/** The longest wait for a lock of a reader or another writer; after it the next tick tries again. */
const LOCK_TIMEOUT_MS = 60_000;
const LOADING: TransactionOptions = { ...WRITING, lockTimeoutMs: LOCK_TIMEOUT_MS };

/** A loaded batch, and the number of rows that it inserted or updated. */
export interface LoadedBatch {
  readonly batch: number;
  readonly rows: number;
  readonly rowsByTable: Readonly<Record<string, number>>;
}

/** The result of loading a group: loaded, left to another load, or already in the ledger. */
export type LoadOutcome =
  | { readonly outcome: 'loaded'; readonly loaded: readonly LoadedBatch[] }
  | { readonly outcome: 'yielded'; readonly reason: string }
  | { readonly outcome: 'done' };

/**
 * Loads a group of batches in one transaction, or nothing. Each batch brings its dimensions, then its facts, then its
 * ledger entry.
 */
export async function loadBatches(deps: LoadDeps, group: readonly Waiting[]): Promise<LoadOutcome> {
  const { warehouse, model, telemetry } = deps;
  const first = group[0]!.manifest.batch;
  const loadedWith = group.at(-1)!.manifest.batch;
  try {
    return await inTransaction(warehouse, LOADING, async (transaction): Promise<LoadOutcome> => {
      if (!(await tryLoadLock(transaction))) return { outcome: 'yielded', reason: await describeHolder(transaction) };
      if ((await readLedgerHead(transaction)).batch !== first - 1) return { outcome: 'done' };
      await checkNextRecordIds(transaction, model);
      const loaded: LoadedBatch[] = [];
      for (const waiting of group) {
        // The batches of a group use staging tables of the same names.
        if (loaded.length > 0) await execute(transaction, { text: 'discard temp' });
        loaded.push(await loadBatch(deps, transaction, waiting, loadedWith));
      }
      await analyzeChanged(transaction, model, telemetry);
      return { outcome: 'loaded', loaded };
    });
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    throw describeDatabaseError(error, `The load of batch ${first}`, 'warehouse');
  }
}

async function loadBatch(
  deps: LoadDeps,
  transaction: Transaction,
  waiting: Waiting,
  loadedWith: number,
): Promise<LoadedBatch> {
  const { model, processed: store, telemetry } = deps;
  const { manifest } = waiting;
  checkNextBatch(store, await readLedgerHead(transaction), manifest);
  const rowsByTable = await loadTables({ transaction, model, store, manifest, telemetry });
  const rows = Object.values(rowsByTable).reduce((sum, each) => sum + each, 0);
  await writeLedger(transaction, model, waiting, { rows, loadedWith });
  return { batch: manifest.batch, rows, rowsByTable };
}

async function loadTables(load: MergeContext): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const table of warehouseTablesInOrder(load.model)) {
    try {
      rows[table.name] = table.kind === 'fact' ? await loadFact(load, table) : await loadDimension(load, table);
    } catch (error) {
      throw isDatabaseError(error) ? tableFailure(error, table, load.manifest.batch, LOCK_TIMEOUT_MS) : error;
    }
  }
  return rows;
}

/** Returns the number of facts that wait for a dimension row. */
export async function countHeld({ model, warehouse }: LoadDeps): Promise<number> {
  const names = factsOf(model).map(({ name }) => name);
  const statement = { text: countHeldRows, parameters: [names] };
  const [row] = await inTransaction(warehouse, READ_COMMITTED, (transaction) =>
    query<HeldCount>(transaction, statement),
  );
  return row?.held ?? 0;
}
