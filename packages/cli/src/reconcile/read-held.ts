import { type Connection, hasRelation, type Sql } from '@totesys/runtime';

/** The ids that wait for a dimension row, of each fact that has some. */
export async function readHeld(warehouse: Sql | Connection): Promise<Map<string, Set<number>>> {
  const held = new Map<string, Set<number>>();
  if (!(await hasRelation(warehouse, 'etl.held'))) return held;
  for (const { fact, id } of await warehouse.unsafe('select fact, id::text as id from etl.held')) {
    const ids = held.get(fact) ?? new Set<number>();
    held.set(fact, ids.add(Number(id)));
  }
  return held;
}
