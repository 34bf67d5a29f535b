import { type Connection, execute, query } from '@totesys/runtime';
import {
  type Calendar,
  type Dimension,
  type Fact,
  factsOf,
  foreignKeysOf,
  type Model,
  warehouseRelation,
} from '@totesys/schema';
import { addConstraint, dropConstraint, type ForeignKeyRow, selectForeignKeys } from '../sql/foreign-keys.ts';
import { raiseMaintenanceMemory, type SettingValue, selectSetting, setLocal } from '../sql/settings.ts';
import { type FilledRow, selectFilled } from '../sql/table-definition.ts';

/** From this many rows, one check of all references is faster than a check of each row: 6 s, not 77 s, for 2M rows. */
export const DROP_KEYS_ROWS = 20_000;
/** The longest wait for readers of a fact or a dimension: new readers wait as long. After it the keys are kept. */
const LOCK_TIMEOUT_MS = 200;
/** Holds the keys of 3M rows, which the server otherwise writes to disk and reads again. Few rows take little of it. */
const MAINTENANCE_MEMORY = '256MB';

/** A foreign key and the table that has it. */
interface Reference {
  readonly table: string;
  readonly key: ForeignKeyRow;
}

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
  return withoutReferences(connection, await findReferences(connection, model, fact), work);
}

/**
 * Drops the foreign keys that refer to a dimension, does work, and adds the keys again. If a fact that refers to the
 * dimension has rows, the keys stay, because each row of the fact would be checked again.
 */
export async function withoutKeysTo<T>(
  connection: Connection,
  model: Model,
  target: Calendar | Dimension,
  work: () => Promise<T>,
): Promise<T> {
  const references: Reference[] = [];
  for (const fact of factsOf(model)) {
    const found = await findReferences(connection, model, fact);
    const toTarget = found.filter(({ key }) => key.references === target.name);
    if (toTarget.length === 0) continue;
    const [state] = await query<FilledRow>(connection, { text: selectFilled(fact.name) });
    if (state?.filled === true) return withoutReferences(connection, [], work);
    references.push(...toTarget);
  }
  return withoutReferences(connection, references, work);
}

async function findReferences(connection: Connection, model: Model, fact: Fact): Promise<Reference[]> {
  const declared = foreignKeysOf(model, fact).map(({ column }) => column);
  const statement = { text: selectForeignKeys, parameters: [warehouseRelation(fact.name)] };
  const keys = await query<ForeignKeyRow>(connection, statement);
  return keys
    .filter(({ column, has_comment }) => declared.includes(column) && !has_comment)
    .map((key) => ({ table: fact.name, key }));
}

async function withoutReferences<T>(
  connection: Connection,
  references: readonly Reference[],
  work: () => Promise<T>,
): Promise<T> {
  const before = [await readSetting(connection, 'lock_timeout'), await readSetting(connection, 'maintenance_work_mem')];
  await execute(connection, { text: setLocal, parameters: ['lock_timeout', `${LOCK_TIMEOUT_MS}ms`] });
  await execute(connection, { text: raiseMaintenanceMemory, parameters: [MAINTENANCE_MEMORY] });
  for (const { table, key } of references) await execute(connection, { text: dropConstraint(table, key) });
  const result = await work();
  for (const { table, key } of references) await execute(connection, { text: addConstraint(table, key) });
  for (const parameters of before) await execute(connection, { text: setLocal, parameters });
  return result;
}

async function readSetting(connection: Connection, name: string): Promise<[name: string, value: string]> {
  const [row] = await query<SettingValue>(connection, { text: selectSetting, parameters: [name] });
  return [name, row!.value];
}
