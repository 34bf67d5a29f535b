import { quoteIdentifier, warehouseRelation } from '@totesys/schema';

/** An index that can be dropped and created again as it was. */
export interface DroppableIndexRow {
  readonly name: string;
  /** The definition of the primary key to which it belongs; null for an index without a constraint. */
  readonly constraint: string | null;
  /** The statement that creates an index without a constraint. */
  readonly statement: string;
}

/**
 * Selects the primary key of table $1 and its index with the name $2. An index is left out if it has something that
 * its definition does not show: a tablespace, storage parameters, a comment, or its use by CLUSTER or as the replica
 * identity.
 */
export const selectDroppableIndexes = `select i.relname as name, pg_get_constraintdef(c.oid) as constraint,
         pg_get_indexdef(i.oid) as statement
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    left join pg_constraint c on c.conrelid = x.indrelid and c.conindid = x.indexrelid and c.contype in ('p', 'u', 'x')
   where x.indrelid = to_regclass($1::text) and (x.indisprimary or i.relname = $2::text)
     and x.indisvalid and not x.indisclustered and not x.indisreplident
     and i.reltablespace = 0 and i.reloptions is null
     and not exists (select from pg_description d where d.objoid in (i.oid, c.oid))
   order by x.indisprimary desc`;

/** Drops an index, or the constraint to which it belongs. */
export function dropIndex(table: string, { name, constraint }: DroppableIndexRow): string {
  return constraint === null
    ? `drop index public.${quoteIdentifier(name)}`
    : `alter table ${warehouseRelation(table)} drop constraint ${quoteIdentifier(name)}`;
}

/** Creates an index, or the constraint to which it belongs, as it was defined. */
export function createIndex(table: string, { name, constraint, statement }: DroppableIndexRow): string {
  return constraint === null
    ? statement
    : `alter table ${warehouseRelation(table)} add constraint ${quoteIdentifier(name)} ${constraint}`;
}
