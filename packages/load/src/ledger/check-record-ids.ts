import {
  type Connection,
  ErrorCode,
  inTransaction,
  ONE_SNAPSHOT,
  PipelineError,
  type Pool,
  SqlState,
  sqlStateOf,
} from '@totesys/runtime';
import { factsOf, type Model } from '@totesys/schema';
import { type BeyondLedger, beyond, findBeyondLedger, readRecordIds } from '@totesys/warehouse';
import { checkNextRecordId } from '../migrate/check-sequence.ts';

/** A run that finds nothing to load waits no longer than this for a table that another session has locked. */
const LOCK_TIMEOUT_MS = 200;

/**
 * Throws WAREHOUSE_NOT_EMPTY where a fact has rows that no batch brought: a lost ledger must not load everything twice. Where a table is
 * locked, the load itself checks it.
 */
export async function checkRecordIds(warehouse: Pool, model: Model): Promise<void> {
  try {
    await inTransaction(warehouse, { ...ONE_SNAPSHOT, lockTimeoutMs: LOCK_TIMEOUT_MS }, async (sql) => {
      const [first] = await findBeyondLedger(sql, model);
      if (first) throw notInLedger(first);
    });
  } catch (error) {
    if (sqlStateOf(error) !== SqlState.lockNotAvailable) throw error;
  }
}

/** Checks the same inside the load's transaction, under its lock; the next record id must also be above every id in use. */
export async function checkNextRecordIds(sql: Connection, model: Model): Promise<void> {
  const ids = await readRecordIds(sql, model);
  const [first] = beyond(model, ids);
  if (first) throw notInLedger(first);
  for (const fact of factsOf(model)) await checkNextRecordId(sql, fact, ids.known?.[fact.name] ?? 0);
}

function notInLedger({ fact, batch, highest, known }: BeyondLedger): PipelineError {
  const end = known === 0 ? 'none of them' : `them up to ${known}`;
  const source = batch === 0 ? 'the ledger has no batch' : `the newest ledger entry is batch ${batch}`;
  const remedy =
    batch === 0
      ? "If the rows were there before the first batch, accept them with the owner's URL: totesys load --adopt"
      : `If the rows were inserted by hand, delete those above ${known}.`;
  return new PipelineError(
    ErrorCode.WAREHOUSE_NOT_EMPTY,
    `Table 'public.${fact}' of the warehouse has record ids up to ${highest}; ${source}, and it knows ${end}. Expected no row that no batch brought. Nothing was loaded, because versions would arrive twice. If the schema 'etl' was lost or is older than the facts, restore it from the backup of the facts, or build the warehouse in an empty database with: totesys rebuild. ${remedy}`,
    { context: { table: fact, batch, highest, known } },
  );
}
