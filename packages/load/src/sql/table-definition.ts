import { quoteIdentifier, warehouseRelation } from '@totesys/schema';

/** The kind of a relation, one character of `pg_class.relkind`. */
export interface RelationKind {
  readonly kind: string;
}

/** Selects the kind of relation $1. */
export const selectKind = 'select relkind::text as kind from pg_class where oid = to_regclass($1::text)';

/** A column, as the warehouse has it. */
export interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly not_null: boolean;
  readonly has_default: boolean;
}

/** Selects the columns of table $1, as `ColumnRow`. */
export const selectColumns = `select attname as name, format_type(atttypid, atttypmod) as type,
         attnotnull as not_null, atthasdef or attidentity <> '' as has_default
    from pg_attribute
   where attrelid = to_regclass($1::text) and attnum > 0 and not attisdropped
   order by attnum`;

/** The columns of a primary key. */
export interface PrimaryKeyRow {
  readonly columns: readonly string[];
}

/** Selects the primary key of table $1. */
export const selectPrimaryKey = `select (select array_agg(a.attname::text) from pg_attribute a
           where a.attrelid = c.conrelid and a.attnum = any (c.conkey)) as columns
    from pg_constraint c where c.contype = 'p' and c.conrelid = to_regclass($1::text)`;

/** Whether a table has rows. */
export interface FilledRow {
  readonly filled: boolean;
}

/** Selects whether a table has rows. */
export function selectFilled(table: string): string {
  return `select exists (select from ${warehouseRelation(table)}) as filled`;
}

/** Adds a column; `type` may end with a constraint such as `not null`. */
export function addColumn(table: string, column: string, type: string): string {
  return addColumnTo(warehouseRelation(table), column, type);
}

/** Adds a column to a relation. */
export function addColumnTo(relation: string, column: string, type: string): string {
  return `alter table ${relation} add column ${quoteIdentifier(column)} ${type}`;
}

/** Forbids nulls in a column; Postgres checks all rows. */
export function setNotNull(table: string, column: string): string {
  return `alter table ${warehouseRelation(table)} alter column ${quoteIdentifier(column)} set not null`;
}

/** Adds a primary key; Postgres checks all rows. */
export function addPrimaryKey(table: string, key: string): string {
  return `alter table ${warehouseRelation(table)} add primary key (${quoteIdentifier(key)})`;
}
