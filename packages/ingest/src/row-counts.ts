import type { Coverage } from '@totesys/lake';
import type { Connection } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import type { FenceWindow } from './fence.ts';
import { setRowSelection } from './read-rows.ts';
import type { SourceSnapshot } from './source-snapshot.ts';
import { countRows, type RowSelection } from './sql/select-rows.ts';

/** How many rows the covered part of a table has, and how many of them the fence's window shows. */
export interface RowCounts {
  readonly total: number;
  readonly inWindow: number;
}

/** Counts the covered rows of each table, one scan each, spread over the snapshot's connections. Tables not covered at all are left out. */
export async function countCovered(
  snapshot: SourceSnapshot,
  window: FenceWindow,
  tables: readonly { readonly table: SourceTable; readonly coverage: Coverage }[],
): Promise<Map<string, RowCounts>> {
  const queue = tables.filter(({ coverage }) => coverage !== 'none');
  const counts = new Map<string, RowCounts>();
  const count = async (connection: Connection) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const selection: RowSelection = typeof next.coverage === 'object' ? next.coverage : {};
      await setRowSelection(connection, selection, window);
      const [row] = await connection.unsafe(countRows(next.table, selection));
      counts.set(next.table.name, { total: Number(row?.total), inWindow: Number(row?.in_window) });
    }
  };
  try {
    await Promise.all(snapshot.connections.map(count));
  } finally {
    // Where one fails the others begin nothing more: their connections are given back.
    queue.length = 0;
  }
  return counts;
}
