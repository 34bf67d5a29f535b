import { checkNextBatch, type ProcessedManifest, type ReadManifest, type Store } from '@totesys/lake';
import {
  describeDatabaseError,
  type HolderLimits,
  inTransaction,
  isDatabaseError,
  PipelineError,
  type Pool,
  READ_COMMITTED,
  type StageTelemetry,
  type TransactionOptions,
  WRITING,
} from '@totesys/runtime';
import { factsOf, type Model, warehouseTablesInOrder } from '@totesys/schema';
import { readLedgerHead } from '@totesys/warehouse';
import { tableFailure } from './errors/table-failure.ts';
import { checkNextRecordIds } from './ledger/check-record-ids.ts';
import { describeHolder, tryLock } from './ledger/load-lock.ts';
import { writeLedger } from './ledger/write-ledger.ts';
import { analyzeChanged } from './merge/analyze-changed.ts';
import type { BatchLoad } from './merge/batch-load.ts';
import { loadDimension, loadFact } from './merge/load-table.ts';

/** What load works with. */
export interface LoadDeps {
  readonly model: Model;
  readonly warehouse: Pool;
  readonly processed: Store;
  /** Where ingest commits, whose manifests alone tell how old what waits is; without it no age is told. */
  readonly ingestion?: Store;
  readonly telemetry: StageTelemetry<'load'>;
  /** The moment, in milliseconds since 1970, after which no further batch is begun; without it, every one that waits is. */
  readonly deadlineMs?: number;
  /** The last batch to load; without it, the newest. */
  readonly until?: number;
  /** Accepts the rows that the facts have before the first batch; without it they stop the load. */
  readonly adopt?: boolean;
  /** How long another run may hold the lock without a sign of life; without it, as long as no run works. */
  readonly holderLimits?: HolderLimits;
}

/** A lock that a reader or another writer holds is waited for this long; the next tick tries again. */
const LOCK_TIMEOUT_MS = 60_000;
const LOADING: TransactionOptions = { ...WRITING, lockTimeoutMs: LOCK_TIMEOUT_MS };

/** A batch that was loaded, and the rows that it changed. */
export interface LoadedBatch {
  readonly batch: number;
  readonly rows: number;
  readonly rowsByTable: Readonly<Record<string, number>>;
}

/** What became of batches: loaded, left to another load that is at work, or found in the ledger already. */
export type LoadOutcome =
  | { readonly outcome: 'loaded'; readonly loaded: readonly LoadedBatch[] }
  | { readonly outcome: 'yielded'; readonly reason: string }
  | { readonly outcome: 'done' };

/** Loads a batch in one transaction, dimensions, then facts, then the ledger, or nothing; several batches where none of them may be seen without the last. */
export async function loadBatches(
  { warehouse, processed, model, telemetry }: LoadDeps,
  group: readonly ReadManifest<ProcessedManifest>[],
): Promise<LoadOutcome> {
  const first = group[0]!.manifest.batch;
  try {
    return await inTransaction(warehouse, LOADING, async (sql): Promise<LoadOutcome> => {
      if (!(await tryLock(sql))) return { outcome: 'yielded', reason: await describeHolder(sql) };
      if ((await readLedgerHead(sql)).batch !== first - 1) return { outcome: 'done' };
      await checkNextRecordIds(sql, model);
      const loaded: LoadedBatch[] = [];
      for (const { manifest, sha256 } of group) {
        checkNextBatch(processed, await readLedgerHead(sql), manifest);
        // The stages of the batch before would be in the way.
        if (loaded.length > 0) await sql.unsafe('discard temp');
        const rowsByTable = await loadTables({ sql, model, store: processed, manifest, telemetry });
        const rows = Object.values(rowsByTable).reduce((sum, each) => sum + each, 0);
        await writeLedger(sql, model, manifest, sha256, rows);
        loaded.push({ batch: manifest.batch, rows, rowsByTable });
      }
      await analyzeChanged(sql, model, telemetry);
      return { outcome: 'loaded', loaded };
    });
  } catch (error) {
    throw error instanceof PipelineError
      ? error
      : describeDatabaseError(error, `The load of batch ${first}`, 'warehouse');
  }
}

async function loadTables(load: BatchLoad): Promise<Record<string, number>> {
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

/** How many facts wait for a dimension row. */
export async function countHeld(deps: LoadDeps): Promise<number> {
  const names = factsOf(deps.model).map(({ name }) => name);
  return inTransaction(deps.warehouse, READ_COMMITTED, async (sql) => {
    const [row] = await sql.unsafe('select count(*)::int as held from etl.held where fact = any ($1::text[])', [
      names as unknown as string,
    ]);
    return row?.held ?? 0;
  });
}
