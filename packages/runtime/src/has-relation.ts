import type { Connection, Sql } from './postgres.ts';

/** Whether the database has a table or a view of that name, `schema.name` with what needs it quoted. */
export async function hasRelation(sql: Sql | Connection, relation: string): Promise<boolean> {
  const [found] = await sql.unsafe('select to_regclass($1::text) is not null as exists', [relation]);
  return found?.exists === true;
}
