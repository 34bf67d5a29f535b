import { type Connection, hasRelation } from '@totesys/runtime';

/** Those of the given ids of a table that wait there for a dimension row: of facts alone some do. */
export async function readHeld(warehouse: Connection, table: string, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await warehouse.unsafe(
    'select id::text as id from etl.held where fact = $1::text and id = any ($2::bigint[])',
    [table, `{${ids.join(',')}}`],
  );
  return new Set(rows.map(({ id }) => Number(id)));
}

/** How many facts wait for a dimension row. */
export async function countHeld(warehouse: Connection): Promise<number> {
  if (!(await hasRelation(warehouse, 'etl.held'))) return 0;
  const [row] = await warehouse.unsafe('select count(*)::text as held from etl.held');
  return Number(row?.held);
}
