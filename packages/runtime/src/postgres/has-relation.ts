import type { Connection } from './pool.ts';

/** Whether the database has a table or a view of that name, `schema.name` with what needs it quoted. */
export async function hasRelation(connection: Connection, relation: string): Promise<boolean> {
  const [found] = await connection.unsafe('select to_regclass($1::text) is not null as exists', [relation]);
  return found?.exists === true;
}
