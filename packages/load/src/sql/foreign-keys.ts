import { quoteIdentifier, warehouseRelation } from '@totesys/schema';

/** A foreign key of one column, as the warehouse has it. */
export interface ForeignKeyRow {
  readonly name: string;
  readonly column: string;
  readonly references: string;
  /** False if the key was added `not valid`: its definition, added again, would not check our rows either. */
  readonly validated: boolean;
  /** A comment is lost with its key. */
  readonly has_comment: boolean;
  /** The key as Postgres writes it, with all options that its owner chose. */
  readonly definition: string;
}

/** Selects the foreign keys of table $1 to tables of schema public, as `ForeignKeyRow`. */
export const selectForeignKeys = `select c.conname as name, a.attname as column, r.relname as references,
         c.convalidated as validated, pg_get_constraintdef(c.oid) as definition,
         exists (select from pg_description d where d.objoid = c.oid) as has_comment
    from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    join pg_class r on r.oid = c.confrelid and r.relnamespace = 'public'::regnamespace
   where c.contype = 'f' and cardinality(c.conkey) = 1 and c.conrelid = to_regclass($1::text)
   order by c.conname`;

/** Validates a foreign key against all rows of its table. */
export function validateConstraint(table: string, name: string): string {
  return `alter table ${warehouseRelation(table)} validate constraint ${quoteIdentifier(name)}`;
}

/** Drops a foreign key. */
export function dropConstraint(table: string, { name }: ForeignKeyRow): string {
  return `alter table ${warehouseRelation(table)} drop constraint ${quoteIdentifier(name)}`;
}

/** Adds a foreign key as it was defined. */
export function addConstraint(table: string, { name, definition }: ForeignKeyRow): string {
  return `alter table ${warehouseRelation(table)} add constraint ${quoteIdentifier(name)} ${definition}`;
}
