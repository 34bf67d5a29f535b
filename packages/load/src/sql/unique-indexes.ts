/** A unique index: its name, and the columns of its key. */
export interface UniqueIndexRow {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Selects the unique indexes of table $1, except its primary key and indexes with a predicate or an expression. */
export const selectUniqueIndexes = `select i.indexrelid::regclass::text as name,
         array_agg(a.attname::text order by a.attnum) as columns
    from pg_index i
    join pg_attribute a
      on a.attrelid = i.indrelid and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1])
   where i.indrelid = to_regclass($1::text) and i.indisunique and not i.indisprimary
     and i.indpred is null and i.indexprs is null
   group by i.indexrelid`;
