import type { Coverage } from '@totesys/lake';
import type { Connection } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import type { FenceWindow } from '../snapshot/fence.ts';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import { selectCovered } from './coverage.ts';
import { countDistinctRows, type RowCounts } from './distinct-keys.ts';

/** A table whose covered rows are counted, and about how many rows it has. */
export interface CountedTable {
  readonly table: SourceTable;
  readonly coverage: Coverage;
  readonly rows: number;
}

/**
 * Counts the covered rows of each table by one scan, spread over the snapshot's connections; throws if a key occurs
 * twice. Tables that are not covered at all are left out. The largest tables come first, so that the connections end
 * at about the same time.
 */
export async function countCovered(
  { connections }: Pick<SourceSnapshot, 'connections'>,
  { window, proven }: { window: FenceWindow; proven: ReadonlySet<string> },
  tables: readonly CountedTable[],
): Promise<Map<string, RowCounts>> {
  const queue = tables.filter(({ coverage }) => coverage !== 'none').sort((a, b) => b.rows - a.rows);
  const counts = new Map<string, RowCounts>();
  const countNext = async (connection: Connection) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { table, coverage } = next;
      const covered = selectCovered(coverage);
      counts.set(table.name, await countDistinctRows({ connection, table, window }, covered, proven));
    }
  };
  try {
    await Promise.all(connections.map(countNext));
  } finally {
    // If one connection fails, the others must begin no further statement: all are released.
    queue.length = 0;
  }
  return counts;
}
