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
import { type BeyondLedger, findBeyondLedger, findUnknownIds, readRecordIds } from '@totesys/warehouse';
import { checkNextRecordId } from '../migrate/check-sequence.ts';

/** The longest wait of a run without a batch to load for a table that another session has locked. */
const LOCK_TIMEOUT_MS = 200;

/**
 * Throws WAREHOUSE_NOT_EMPTY if a fact has rows that no batch brought: after the loss of the ledger, everything would
 * be loaded twice. A table that is locked is skipped here and checked by the load itself.
 */
export async function checkRecordIds(warehouse: Pool, model: Model): Promise<void> {
  try {
    await inTransaction(warehouse, { ...ONE_SNAPSHOT, lockTimeoutMs: LOCK_TIMEOUT_MS }, async (transaction) => {
      const [first] = await findBeyondLedger(transaction, model);
      if (first) throw notInLedger(first);
    });
  } catch (error) {
    if (sqlStateOf(error) !== SqlState.lockNotAvailable) throw error;
  }
}

/** Checks the same under the load's lock, and that the next record id is above every id in use. */
export async function checkNextRecordIds(connection: Connection, model: Model): Promise<void> {
  const ids = await readRecordIds(connection, model);
  const [first] = findUnknownIds(model, ids);
  if (first) throw notInLedger(first);
  for (const fact of factsOf(model)) await checkNextRecordId(connection, fact, ids.known?.[fact.name] ?? 0);
}

function notInLedger({ fact, batch, highest, known }: BeyondLedger): PipelineError {
  const end = known === 0 ? 'none of them' : `them up to ${known}`;
  const source = batch === 0 ? 'the ledger has no batch' : `the newest ledger entry is batch ${batch}`;
  const remedy =
    batch === 0
      ? "If the rows are from before the first batch, accept them with the owner's URL: totesys load --adopt"
      : `If the rows were inserted by hand, delete those above ${known}.`;
  return new PipelineError(
    ErrorCode.WAREHOUSE_NOT_EMPTY,
    `Table 'public.${fact}' of the warehouse has record ids up to ${highest}; ${source}, and it knows ${end}. ` +
      'Expected only rows that batches brought. Nothing was loaded, because versions would arrive twice. ' +
      "If the schema 'etl' was lost or is older than the facts, restore it from the backup of the facts, " +
      `or build the warehouse in an empty database with: totesys rebuild. ${remedy}`,
    { context: { table: fact, batch, highest, known } },
  );
}
