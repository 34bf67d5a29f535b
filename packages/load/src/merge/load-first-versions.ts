import type { WarehousePart } from '@totesys/lake';
import { execute, query, SqlState, sqlStateOf } from '@totesys/runtime';
import { type Fact, warehouseRelation } from '@totesys/schema';
import { countRowsUpTo, insertVersions, type RowCount, selectWasUsed, type WasUsed } from '../sql/insert-versions.ts';
import { copyParts } from './copy-parts.ts';
import { countRows, type MergeContext } from './merge-context.ts';
import { withoutForeignKeys } from './without-foreign-keys.ts';

/** From this many rows, one check of all references is faster than a check of each row: 6 s, not 77 s, for 2M rows. */
const DROP_KEYS_ROWS = 20_000;
/** A fact is nearly empty while a batch has this many times its rows: few sessions can be reading it yet. */
const NEARLY_EMPTY_FACTOR = 10;
const EXPECTED_FAULTS: readonly unknown[] = [
  SqlState.foreignKeyViolation,
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  SqlState.objectInUse,
  SqlState.insufficientPrivilege,
];

/**
 * Copies the rows of an empty fact straight into it, because there are no versions to compare them with. Returns
 * undefined, and changes nothing, if the fact has rows, a reference is missing, or its foreign keys cannot be dropped
 * now; the rows then go through the staging.
 */
export async function loadFirstVersions(
  load: MergeContext,
  fact: Fact,
  parts: readonly WarehousePart[],
): Promise<number | undefined> {
  const statement = { text: selectWasUsed(fact), parameters: [fact.name] };
  const [state] = await query<WasUsed>(load.transaction, statement);
  if (state?.used === true) return undefined;
  const rows = countRows(parts);
  return insertOrUndefined(load, fact, async (inner) => {
    const copy = () => copyParts(inner, fact, warehouseRelation(fact.name), parts);
    if (rows < DROP_KEYS_ROWS) await copy();
    else await withoutForeignKeys(inner.transaction, load.model, fact, copy);
    return rows;
  });
}

/** Inserts the new versions of a fact from its staging. Returns their number. */
export async function insertFromStaging(
  load: MergeContext,
  fact: Fact,
  parts: readonly WarehousePart[],
): Promise<number> {
  const insert = ({ transaction }: MergeContext) => execute(transaction, { text: insertVersions(fact) });
  if (!(await isNearlyEmpty(load, fact, countRows(parts)))) return insert(load);
  const inserted = await insertOrUndefined(load, fact, (inner) =>
    withoutForeignKeys(inner.transaction, load.model, fact, () => insert(inner)),
  );
  return inserted ?? insert(load);
}

async function isNearlyEmpty({ transaction }: MergeContext, fact: Fact, rows: number): Promise<boolean> {
  if (rows < DROP_KEYS_ROWS) return false;
  const limit = Math.floor(rows / NEARLY_EMPTY_FACTOR);
  const [found] = await query<RowCount>(transaction, { text: countRowsUpTo(fact), parameters: [limit] });
  return found!.rows < limit;
}

async function insertOrUndefined<T>(
  load: MergeContext,
  fact: Fact,
  work: (inner: MergeContext) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await load.transaction.savepoint((transaction) => work({ ...load, transaction }));
  } catch (error) {
    const state = sqlStateOf(error);
    if (!EXPECTED_FAULTS.includes(state)) throw error;
    load.telemetry.info('load:staged', { table: fact.name, reason: state });
    return undefined;
  }
}
