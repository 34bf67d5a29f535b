/** The statements that write comments, separated by semicolons; null if there are none to write. */
export interface CommentStatements {
  readonly statements: string | null;
}

/**
 * Records in `etl.comment` those of the comments $1 that load may write: on relations that its role owns, where there
 * is no comment or one that load wrote. Selects the statements that write them, quoted by the server because COMMENT
 * takes no parameters.
 */
export const noteComments = `with wanted as (
    select w.said, now.said as now, w.schema || '.' || w.relation as relation, w."column",
           case when w."column" <> '' then format('column %I.%I.%I', w.schema, w.relation, w."column")
                else format(case c.relkind when 'v' then 'view %I.%I' else 'table %I.%I' end, w.schema, w.relation)
           end as object
      from jsonb_to_recordset($1::text::jsonb) w (schema text, relation text, "column" text, said text)
      join pg_class c
        on c.oid = to_regclass(format('%I.%I', w.schema, w.relation)) and pg_has_role(c.relowner, 'usage')
      left join pg_attribute a
        on a.attrelid = c.oid and a.attname = w."column" and a.attnum > 0 and not a.attisdropped
      left join etl.comment ours on ours.relation = w.schema || '.' || w.relation and ours.column_name = w."column"
      left join lateral (
            select d.description as said from pg_description d
             where d.classoid = 'pg_class'::regclass and d.objoid = c.oid and d.objsubid = coalesce(a.attnum, 0)) now
        on true
     where (w."column" = '' or a.attnum is not null) and (now.said is null or now.said in (ours.said, w.said))),
  noted as (
    insert into etl.comment as c (relation, column_name, said)
    select relation, "column", said from wanted
        on conflict (relation, column_name) do update set said = excluded.said where c.said <> excluded.said)
  select string_agg(format('comment on %s is %L', object, said), '; ') as statements
    from wanted where now is distinct from said`;
