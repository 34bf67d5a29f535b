import type { Connection } from './pool.ts';
import { query } from './query.ts';

/**
 * Whether the database has a table or a view of that name, given as `schema.name` with identifiers quoted where they
 * must be.
 */
export async function hasRelation(connection: Connection, relation: string): Promise<boolean> {
  const text = 'select to_regclass($1::text) is not null as exists';
  const [found] = await query<{ exists: boolean }>(connection, { text, parameters: [relation] });
  return found?.exists === true;
}
