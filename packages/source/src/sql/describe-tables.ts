/** A column of a table in the source. */
export interface ColumnRow {
  readonly table: string;
  readonly oid: string;
  readonly relkind: string;
  readonly hides_rows: boolean;
  readonly column: string;
  readonly attnum: number;
  readonly type: string;
  readonly is_enum: boolean;
  readonly missing_value: string | null;
  /** Of a virtual generated column only: a stored one is rewritten, with new xmins, when its expression changes. */
  readonly expression: string | null;
  readonly labels: readonly string[] | null;
}

/** Reads the columns of the tables of $1 (text[]) in schema public, in their physical order. */
export const describeTables = `
select c.relname as table,
       c.oid::text as oid,
       c.relkind::text as relkind,
       row_security_active(c.oid) as hides_rows,
       a.attname as column,
       a.attnum::int as attnum,
       case when t.typtype = 'e' then t.typname else format_type(a.atttypid, a.atttypmod) end as type,
       t.typtype = 'e' as is_enum,
       a.attmissingval::text as missing_value,
       case when a.attgenerated = 'v'
            then (select d.adbin::text from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum)
        end as expression,
       (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
 where n.nspname = 'public'
   and c.relname = any ($1::text[])
 order by c.relname, a.attnum`;
