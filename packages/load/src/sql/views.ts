const DECLARED = 'totesys_declared';

/** The relation with the name of a view: its kind, and its columns in order. */
export interface ViewRow {
  readonly kind: string;
  readonly columns: readonly string[];
}

/** Selects kind and columns of relation $1. */
export const selectView = `select c.relkind::text as kind,
         (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from pg_class c where c.oid = to_regclass($1::text)`;

/** Creates a temporary view of the definition that the model declares. */
export function createDeclaredView(select: string): string {
  return `create temporary view ${DECLARED} as ${select}`;
}

/** Whether two views have the same definition. */
export interface SameDefinition {
  readonly same: boolean;
}

/** Selects whether view $1 has the declared definition; the server writes both in the same form. */
export const selectSameDefinition = `select pg_get_viewdef($1::text::regclass)
       = pg_get_viewdef('pg_temp.${DECLARED}'::regclass) as same`;

/** Drops the temporary view. */
export const dropDeclaredView = `drop view pg_temp.${DECLARED}`;
