/** Whether a table's key has a whole unique index and NOT NULL, and whether it has inheritance children. */
export interface KeyProofRow {
  readonly table: string;
  readonly is_unique: boolean;
  readonly is_not_null: boolean;
  readonly has_children: boolean;
}

/**
 * Reads for each table of $1 (text[]) with its key in $2 (text[]) whether the server itself keeps its keys distinct
 * and not null: by a unique index that is valid, immediate and whole, on a column whose NOT NULL holds for every row.
 * The index of an ordinary table does not cover its inheritance children; the index of a partitioned table is valid
 * only once every partition has its own.
 */
export const proveKeys = `
select c.relname as table,
       exists (select from pg_index i
                where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate
                  and i.indpred is null and i.indnkeyatts = 1 and i.indkey[0] = a.attnum) as is_unique,
       a.attnotnull and not exists (
         select from pg_constraint n
          where n.conrelid = c.oid and n.contype = 'n'
            and n.conkey = array[a.attnum] and not n.convalidated) as is_not_null,
       c.relkind <> 'p' and exists (select from pg_inherits h where h.inhparent = c.oid) as has_children
  from unnest($1::text[], $2::text[]) wanted (name, key)
  join pg_class c on c.relname = wanted.name and c.relnamespace = 'public'::regnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = wanted.key and not a.attisdropped`;
