import { type Connection, query, type Sql } from '@totesys/runtime';

/** What a target has of the source's tables besides their rows. */
export interface TargetTables {
  /** For each table its columns and their types. */
  readonly types: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly primaryKeys: number;
  readonly foreignKeys: number;
}

/** Returns the columns and keys of tables in a schema. */
export async function readTargetTables(
  sql: Sql | Connection,
  schema: string,
  tables: readonly string[],
): Promise<TargetTables> {
  const columns = await query<{ table: string; column: string; type: string }>(sql, {
    text: COLUMNS,
    parameters: [schema, [...tables]],
  });
  const [keys] = await query<{ primary: number; foreign: number }>(sql, {
    text: KEYS,
    parameters: [schema, [...tables]],
  });
  const types = new Map<string, Map<string, string>>();
  for (const { table, column, type } of columns)
    types.set(table, (types.get(table) ?? new Map<string, string>()).set(column, type));
  return { types, primaryKeys: keys!.primary, foreignKeys: keys!.foreign };
}

const COLUMNS = `
  select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
   where n.nspname = $1 and c.relname = any($2::text[]) and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`;

const KEYS = `
  select count(*) filter (where p.contype = 'p')::int as primary,
         count(*) filter (where p.contype = 'f')::int as foreign
    from pg_constraint p join pg_class c on c.oid = p.conrelid join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = any($2::text[])`;
