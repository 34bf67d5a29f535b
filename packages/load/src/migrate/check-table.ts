import { type Connection, nameRelationKind, query, SqlState, sqlStateOf } from '@totesys/runtime';
import { type ColumnType, postgresType, type WarehouseTable, warehouseRelation } from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';
import * as definition from '../sql/table-definition.ts';
import type { Migration } from './migration.ts';

interface DeclaredColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** Checks that a table matches the model. Adds missing columns, a missing primary key and missing `not null`. */
export async function checkTable(migration: Migration, table: WarehouseTable): Promise<void> {
  const { connection } = migration;
  await checkKind(connection, table.name);
  const actual = await readColumns(connection, table.name);
  const key = table.kind === 'fact' ? table.recordId : table.key;
  const declared = table.columns.map((column) => ({ nullable: false, ...column }));
  for (const column of declared) {
    const found = actual.find(({ name }) => name === column.name);
    if (found) await checkColumn(migration, table.name, column, found);
    else await addColumn(migration, table.name, column);
  }
  if (!actual.some(({ name }) => name === key)) {
    throw warehouseUnfit(table.name, `column '${key}' is missing`, 'its key', 'none');
  }
  const ours = new Set([key, ...declared.map(({ name }) => name)]);
  for (const column of actual) if (!ours.has(column.name)) checkOtherColumn(table.name, column);
  await checkPrimaryKey(migration, table.name, key);
}

async function checkKind(connection: Connection, table: string): Promise<void> {
  const statement = { text: definition.selectKind, parameters: [warehouseRelation(table)] };
  const [relation] = await query<definition.RelationKind>(connection, statement);
  if (relation?.kind === 'r') return;
  const got = nameRelationKind(relation?.kind ?? '');
  throw warehouseUnfit(table, 'it is another kind of relation', 'a table', got);
}

function readColumns(connection: Connection, table: string): Promise<readonly definition.ColumnRow[]> {
  return query(connection, { text: definition.selectColumns, parameters: [warehouseRelation(table)] });
}

async function checkColumn(
  migration: Migration,
  table: string,
  { name, type, nullable }: DeclaredColumn,
  found: definition.ColumnRow,
): Promise<void> {
  if (!fits(type, found.type)) {
    throw warehouseUnfit(table, `column '${name}' has another type`, postgresType(type), found.type);
  }
  if (nullable && found.not_null) {
    const fault = `column '${name}' does not accept nulls`;
    throw warehouseUnfit(table, fault, 'a column that may be null', 'not null');
  }
  if (!nullable && !found.not_null) await setNotNull(migration, table, name);
}

// Text of any declared length holds the same values, and so does a numeric without a declared scale.
function fits(type: ColumnType, actual: string): boolean {
  if (type.kind === 'varchar') return actual === 'text' || /^character varying(\(\d+\))?$/.test(actual);
  if (type.kind !== 'numeric') return actual === postgresType(type);
  const match = /^numeric\((\d+),(\d+)\)$/.exec(actual);
  if (!match) return actual === 'numeric';
  return Number(match[2]) >= type.scale && Number(match[1]) - Number(match[2]) >= type.precision - type.scale;
}

// The owner of a prepared table may have allowed nulls. If there are any, only the owner knows which value is right.
async function setNotNull(migration: Migration, table: string, column: string): Promise<void> {
  const statement = definition.setNotNull(table, column);
  try {
    await migration.take({ relation: `public.${table}`, change: `forbid nulls in column '${column}'`, statement });
  } catch (error) {
    if (sqlStateOf(error) !== SqlState.notNullViolation) throw error;
    throw warehouseUnfit(table, `column '${column}' has nulls`, 'not null', 'nulls');
  }
}

// A column that the model gained. Existing rows have no value for it: it must accept nulls, or the table must be empty.
async function addColumn(migration: Migration, table: string, { name, type, nullable }: DeclaredColumn): Promise<void> {
  const columnDefinition = `${postgresType(type)}${nullable ? '' : ' not null'}`;
  if (!nullable) {
    const [row] = await query<definition.FilledRow>(migration.connection, { text: definition.selectFilled(table) });
    if (row?.filled === true) {
      const fault = `column '${name}' is missing and the table has rows`;
      throw warehouseUnfit(table, fault, columnDefinition, 'no such column');
    }
  }
  const statement = definition.addColumn(table, name, columnDefinition);
  await migration.take({ relation: `public.${table}`, change: `add column '${name}'`, statement });
}

function checkOtherColumn(table: string, { name, not_null, has_default }: definition.ColumnRow): void {
  if (!not_null || has_default) return;
  const fault = `column '${name}' is not in the model and requires a value`;
  throw warehouseUnfit(table, fault, 'one that may be null', 'not null');
}

async function checkPrimaryKey(migration: Migration, table: string, key: string): Promise<void> {
  const statement = { text: definition.selectPrimaryKey, parameters: [warehouseRelation(table)] };
  const [constraint] = await query<definition.PrimaryKeyRow>(migration.connection, statement);
  if (!constraint) await addPrimaryKey(migration, table, key);
  else if (constraint.columns.join() !== key) {
    throw warehouseUnfit(table, 'it has another primary key', key, constraint.columns.join(', '));
  }
}

async function addPrimaryKey(migration: Migration, table: string, key: string): Promise<void> {
  const statement = definition.addPrimaryKey(table, key);
  try {
    await migration.take({ relation: `public.${table}`, change: `add primary key '${key}'`, statement });
  } catch (error) {
    const state = sqlStateOf(error);
    if (state !== SqlState.uniqueViolation && state !== SqlState.notNullViolation) throw error;
    throw warehouseUnfit(table, `column '${key}' has duplicate values or nulls`, 'its primary key', 'no key');
  }
}
