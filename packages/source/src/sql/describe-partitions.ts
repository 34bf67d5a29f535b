/** A partition or inheritance child; `columns` is JSON, an object by column name. */
export interface PartitionRow {
  readonly root: string;
  readonly oid: string;
  readonly name: string;
  readonly relkind: string;
  readonly columns: string;
}

/**
 * Reads the partitions and inheritance children, at any depth, of the tables with the oids of $1 (text[]), in the
 * order of their oids.
 */
export const describePartitions = `
with recursive below (root, oid) as (
  select inhparent, inhrelid from pg_inherits where inhparent = any ($1::text[]::oid[])
  union
  select b.root, i.inhrelid from pg_inherits i join below b on i.inhparent = b.oid
)
select b.root::text as root,
       c.oid::text as oid,
       c.relname as name,
       c.relkind::text as relkind,
       (select json_object_agg(
                 a.attname, json_build_object('attnum', a.attnum, 'missingValue', a.attmissingval::text))::text
          from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
  from below b
  join pg_class c on c.oid = b.oid
 order by c.oid`;
