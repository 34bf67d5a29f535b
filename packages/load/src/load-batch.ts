import type { ProcessedManifest, ReadManifest, Store } from '@totesys/lake';
import { describeDatabaseError, PipelineError, type Sql, type StageTelemetry } from '@totesys/runtime';
import { factsOf, type Model, warehouseTablesInOrder } from '@totesys/schema';
import type { BatchLoad } from './batch-load.ts';
import { checkQuarantine } from './check-quarantine.ts';
import { checkChain, readLedgerHead, writeLedger } from './ledger.ts';
import { tryLock } from './load-lock.ts';
import { loadDimension, loadFact } from './load-table.ts';

/** What load works with. */
export interface LoadDeps {
  readonly model: Model;
  readonly warehouse: Sql;
  readonly processed: Store;
  /** Where ingest commits, whose manifests alone tell how old what waits is; without it no age is told. */
  readonly ingestion?: Store;
  readonly telemetry: StageTelemetry<'load'>;
  /** The moment, in milliseconds since 1970, after which no further batch is begun. */
  readonly deadlineMs: number;
  /** The last batch to load; without it, the newest. */
  readonly until?: number;
}

/** A lock that a reader or another writer holds is waited for this long; the next tick tries again. */
const LOCK_TIMEOUT_MS = 60_000;

/** What became of a batch: loaded, left to another load that is at work, or found in the ledger already. */
export type BatchOutcome =
  | { readonly outcome: 'loaded'; readonly rows: number; readonly rowsByTable: Readonly<Record<string, number>> }
  | { readonly outcome: 'yielded' }
  | { readonly outcome: 'done' };

/** Loads one batch in one transaction: dimensions, then facts, then the ledger, or nothing. */
export async function loadBatch(
  deps: LoadDeps,
  { manifest, sha256 }: ReadManifest<ProcessedManifest>,
): Promise<BatchOutcome> {
  const { warehouse, processed, model, telemetry } = deps;
  const { batch } = manifest;
  await checkQuarantine(processed, manifest);
  try {
    return (await warehouse.begin('isolation level read committed', async (sql): Promise<BatchOutcome> => {
      await sql.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      if (!(await tryLock(sql))) return { outcome: 'yielded' };
      const head = await readLedgerHead(sql);
      if (head.batch !== batch - 1) return { outcome: 'done' };
      checkChain(processed, head, manifest);
      const load: BatchLoad = { sql, model, store: processed, manifest, telemetry };
      const rowsByTable: Record<string, number> = {};
      for (const table of warehouseTablesInOrder(model)) {
        rowsByTable[table.name] =
          table.kind === 'fact' ? await loadFact(load, table) : await loadDimension(load, table);
      }
      const rows = Object.values(rowsByTable).reduce((sum, each) => sum + each, 0);
      await writeLedger(sql, manifest, sha256, rows);
      return { outcome: 'loaded', rows, rowsByTable };
    })) as BatchOutcome;
  } catch (error) {
    throw error instanceof PipelineError ? error : describeDatabaseError(error, `The load of batch ${batch}`);
  }
}

/** How many facts wait for a dimension row. */
export async function countHeld(deps: LoadDeps): Promise<number> {
  const names = factsOf(deps.model).map(({ name }) => name);
  const [row] = await deps.warehouse.unsafe(
    'select count(*)::int as held from etl.held where fact = any ($1::text[])',
    [names as unknown as string],
  );
  return row?.held ?? 0;
}
