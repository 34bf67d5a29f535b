import type { WarehousePart } from '@totesys/lake';
import { SqlState, sqlStateOf } from '@totesys/runtime';
import { type Fact, warehouseRelation } from '@totesys/schema';
import { withoutForeignKeys } from '../migrate/foreign-keys.ts';
import { insertVersions } from '../sql/merge.ts';
import { type BatchLoad, copyRows } from './batch-load.ts';

/** From this many rows on, checking all references at once beats checking them row by row: 2M rows take 6 s instead of 77 s. */
const DROP_KEYS_ROWS = 20_000;
/** A fact is nearly empty while a batch brings this many times its rows: few can be reading it yet. */
const NEARLY_EMPTY_FACTOR = 10;
const EXPECTED_FAULTS: readonly unknown[] = [
  SqlState.foreignKeyViolation,
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  SqlState.objectInUse,
  SqlState.insufficientPrivilege,
];

/**
 * Loads the rows of an empty fact straight into it: there is nothing to compare them with. Undefined where the fact has rows, where a
 * reference is missing, or where its foreign keys cannot be had for the moment: then nothing has happened, and the stage sorts it out.
 */
export async function loadFirstVersions(
  load: BatchLoad,
  fact: Fact,
  parts: readonly WarehousePart[],
): Promise<number | undefined> {
  const [state] = await load.sql.unsafe(
    `select exists (select from ${warehouseRelation(fact.name)}) or exists (select from etl.deletion where fact = $1::text) as used`,
    [fact.name],
  );
  if (state?.used === true) return undefined;
  const rows = rowsOf(parts);
  return attempt(load, fact, async (inner) => {
    const copy = () => copyRows(inner, fact, warehouseRelation(fact.name), parts);
    if (rows < DROP_KEYS_ROWS) await copy();
    else await withoutForeignKeys(inner.sql, load.model, fact, copy);
    return rows;
  });
}

/** Inserts the staged versions of a fact; gives their number. */
export async function insertStaged(load: BatchLoad, fact: Fact, parts: readonly WarehousePart[]): Promise<number> {
  const insert = async ({ sql }: BatchLoad) => (await sql.unsafe(insertVersions(fact))).count;
  if (!(await isNearlyEmpty(load, fact, rowsOf(parts)))) return insert(load);
  const inserted = await attempt(load, fact, async (inner) => {
    let count = 0;
    await withoutForeignKeys(inner.sql, load.model, fact, async () => {
      count = await insert(inner);
    });
    return count;
  });
  return inserted ?? insert(load);
}

async function isNearlyEmpty(load: BatchLoad, fact: Fact, rows: number): Promise<boolean> {
  if (rows < DROP_KEYS_ROWS) return false;
  const limit = Math.floor(rows / NEARLY_EMPTY_FACTOR);
  const [found] = await load.sql.unsafe(
    `select count(*)::int as rows from (select from ${warehouseRelation(fact.name)} limit $1::integer) first_rows`,
    [limit],
  );
  return found?.rows < limit;
}

async function attempt<T>(load: BatchLoad, fact: Fact, work: (inner: BatchLoad) => Promise<T>): Promise<T | undefined> {
  try {
    return (await load.sql.savepoint((sql) => work({ ...load, sql }))) as T;
  } catch (error) {
    const state = sqlStateOf(error);
    if (!EXPECTED_FAULTS.includes(state)) throw error;
    load.telemetry.info('load:staged', { table: fact.name, reason: state });
    return undefined;
  }
}

function rowsOf(parts: readonly WarehousePart[]): number {
  return parts.reduce((sum, part) => sum + part.rows, 0);
}
