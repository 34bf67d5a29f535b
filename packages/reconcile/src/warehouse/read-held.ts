import { type Connection, hasRelation, query } from '@totesys/runtime';
import { arrayOfKeys } from '../sql/side-rows.ts';

/** Returns which of the given ids of a fact are held: they wait in `etl.held` for a dimension row. */
export async function readHeld(warehouse: Connection, fact: string, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await query<{ id: string }>(warehouse, {
    text: 'select id::text as id from etl.held where fact = $1::text and id = any ($2::bigint[])',
    parameters: [fact, arrayOfKeys(ids)],
  });
  return new Set(rows.map(({ id }) => Number(id)));
}

/** Returns how many facts are held. */
export async function countHeld(warehouse: Connection): Promise<number> {
  if (!(await hasRelation(warehouse, 'etl.held'))) return 0;
  const [row] = await query<{ held: string }>(warehouse, { text: 'select count(*)::text as held from etl.held' });
  return Number(row?.held);
}
