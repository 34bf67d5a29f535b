import type { Coverage } from '@totesys/lake';
import type { Connection } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import type { FenceWindow } from '../snapshot/fence.ts';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import type { RowSelection } from '../sql/select-rows.ts';
import { countDistinctRows, type RowCounts } from './distinct-keys.ts';

/**
 * Counts the covered rows of each table, one scan each, spread over the snapshot's connections; throws where a key occurs twice. Tables not covered at
 * all are left out.
 */
export async function countCovered(
  snapshot: SourceSnapshot,
  { window, proven }: { window: FenceWindow; proven: ReadonlySet<string> },
  tables: readonly { readonly table: SourceTable; readonly coverage: Coverage }[],
): Promise<Map<string, RowCounts>> {
  const queue = tables.filter(({ coverage }) => coverage !== 'none');
  const counts = new Map<string, RowCounts>();
  const count = async (connection: Connection) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const selection: RowSelection = typeof next.coverage === 'object' ? next.coverage : {};
      counts.set(next.table.name, await countDistinctRows(connection, next.table, selection, { window, proven }));
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
