import { type Connection, execute, query } from '@totesys/runtime';
import { type Fact, foreignKeysOf, type Model, warehouseRelation } from '@totesys/schema';
import { addConstraint, dropConstraint, type ForeignKeyRow, selectForeignKeys } from '../sql/foreign-keys.ts';

/** From this many rows, one check of all references is faster than a check of each row: 6 s, not 77 s, for 2M rows. */
export const DROP_KEYS_ROWS = 20_000;
/** The longest wait for readers of a fact or a dimension: new readers wait as long. After it the keys are kept. */
const LOCK_TIMEOUT_MS = 200;

/**
 * Drops the foreign keys of a fact, does work, and adds the keys again. Postgres then checks all rows at once; a
 * missing reference throws.
 */
export async function withoutForeignKeys<T>(
  connection: Connection,
  model: Model,
  fact: Fact,
  work: () => Promise<T>,
): Promise<T> {
  const declared = foreignKeysOf(model, fact).map(({ column }) => column);
  const statement = { text: selectForeignKeys, parameters: [warehouseRelation(fact.name)] };
  const found = await query<ForeignKeyRow>(connection, statement);
  const keys = found.filter(({ column }) => declared.includes(column));
  const [before] = await query<{ lock_timeout: string }>(connection, {
    text: `select current_setting('lock_timeout') as lock_timeout`,
  });
  await execute(connection, { text: `set local lock_timeout = ${LOCK_TIMEOUT_MS}` });
  for (const key of keys) await execute(connection, { text: dropConstraint(fact.name, key) });
  const result = await work();
  for (const key of keys) await execute(connection, { text: addConstraint(fact.name, key) });
  await execute(connection, {
    text: `select set_config('lock_timeout', $1::text, true)`,
    parameters: [before!.lock_timeout],
  });
  return result;
}
