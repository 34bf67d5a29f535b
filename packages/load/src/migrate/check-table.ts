import { type Connection, nameRelationKind, SqlState, sqlStateOf } from '@totesys/runtime';
import {
  type ColumnType,
  postgresType,
  quoteIdentifier,
  type WarehouseTable,
  warehouseRelation,
} from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';

interface ActualColumn {
  readonly name: string;
  readonly type: string;
  readonly not_null: boolean;
  readonly has_default: boolean;
}

/** Checks that a table that somebody else may have made is what the model says, and adds what an empty one lacks. */
export async function checkTable(sql: Connection, table: WarehouseTable): Promise<void> {
  await checkKind(sql, table.name);
  const actual = await readColumns(sql, table.name);
  const declared = table.columns.map((column) => ({ nullable: false, ...column }));
  for (const column of declared) {
    const found = actual.find(({ name }) => name === column.name);
    if (!found) await addColumn(sql, table, column);
    else {
      if (!fits(column.type, found.type)) {
        throw warehouseUnfit(
          table.name,
          `column '${column.name}' has another type`,
          postgresType(column.type),
          found.type,
        );
      }
      if (column.nullable && found.not_null) {
        throw warehouseUnfit(
          table.name,
          `column '${column.name}' must not be null there`,
          'a column that may be null',
          'not null',
        );
      }
      if (!column.nullable && !found.not_null) await setNotNull(sql, table, column.name);
    }
  }
  const key = table.kind === 'fact' ? table.recordId : table.key;
  if (!actual.some(({ name }) => name === key))
    throw warehouseUnfit(table.name, `column '${key}' is missing`, 'its key', 'none');
  for (const { name, not_null, has_default } of actual) {
    const isOurs = name === key || declared.some((column) => column.name === name);
    if (!isOurs && not_null && !has_default) {
      throw warehouseUnfit(
        table.name,
        `column '${name}' is not the model's and needs a value`,
        'one that may be null',
        'not null',
      );
    }
  }
  await checkPrimaryKey(sql, table.name, key);
}

async function readColumns(sql: Connection, table: string): Promise<ActualColumn[]> {
  const rows = await sql.unsafe(
    `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as not_null, atthasdef or attidentity <> '' as has_default
       from pg_attribute where attrelid = to_regclass($1::text) and attnum > 0 and not attisdropped order by attnum`,
    [warehouseRelation(table)],
  );
  return rows as unknown as ActualColumn[];
}

async function checkKind(sql: Connection, table: string): Promise<void> {
  const [relation] = await sql.unsafe('select relkind::text as kind from pg_class where oid = to_regclass($1::text)', [
    warehouseRelation(table),
  ]);
  if (relation?.kind !== 'r')
    throw warehouseUnfit(table, 'it is another kind of relation', 'a table', nameRelationKind(relation?.kind ?? ''));
}

// Whoever prepared the table left open what the contract closes; where a row makes use of it, only a person can say what is right.
async function setNotNull(sql: Connection, table: WarehouseTable, column: string): Promise<void> {
  try {
    await sql.unsafe(
      `alter table ${warehouseRelation(table.name)} alter column ${quoteIdentifier(column)} set not null`,
    );
  } catch (error) {
    if (sqlStateOf(error) !== SqlState.notNullViolation) throw error;
    throw warehouseUnfit(table.name, `column '${column}' has nulls`, 'not null', 'nulls');
  }
}

async function checkPrimaryKey(sql: Connection, table: string, key: string): Promise<void> {
  const [constraint] = await sql.unsafe(
    `select (select array_agg(a.attname::text) from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any (c.conkey)) as columns
       from pg_constraint c where c.contype = 'p' and c.conrelid = to_regclass($1::text)`,
    [warehouseRelation(table)],
  );
  if (!constraint) await addPrimaryKey(sql, table, key);
  else if (constraint.columns.join() !== key)
    throw warehouseUnfit(table, 'its primary key is another', key, constraint.columns.join(', '));
}

async function addPrimaryKey(sql: Connection, table: string, key: string): Promise<void> {
  try {
    await sql.unsafe(`alter table ${warehouseRelation(table)} add primary key (${quoteIdentifier(key)})`);
  } catch (error) {
    const state = sqlStateOf(error);
    if (state !== SqlState.uniqueViolation && state !== SqlState.notNullViolation) throw error;
    throw warehouseUnfit(table, `column '${key}' has a value twice, or none`, 'its primary key', 'no key');
  }
}

// A column that the model has gained. The rows that are there have no value for it, so it must allow that, or there must be none.
async function addColumn(
  sql: Connection,
  table: WarehouseTable,
  column: { name: string; type: ColumnType; nullable: boolean },
): Promise<void> {
  const relation = warehouseRelation(table.name);
  const type = postgresType(column.type);
  if (!column.nullable) {
    const [row] = await sql.unsafe(`select exists (select from ${relation}) as filled`);
    if (row?.filled === true) {
      throw warehouseUnfit(
        table.name,
        `column '${column.name}' is missing and the table has rows`,
        `${type} not null`,
        'no such column',
      );
    }
  }
  await sql.unsafe(
    `alter table ${relation} add column ${quoteIdentifier(column.name)} ${type}${column.nullable ? '' : ' not null'}`,
  );
}

// Text of any declared length and a numeric without a declared scale hold the same values.
function fits(type: ColumnType, actual: string): boolean {
  if (type.kind === 'varchar') return actual === 'text' || /^character varying(\(\d+\))?$/.test(actual);
  if (type.kind !== 'numeric') return actual === postgresType(type);
  const match = /^numeric\((\d+),(\d+)\)$/.exec(actual);
  if (!match) return actual === 'numeric';
  return Number(match[2]) >= type.scale && Number(match[1]) - Number(match[2]) >= type.precision - type.scale;
}
