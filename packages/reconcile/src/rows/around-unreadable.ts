import { type Connection, inSavepoint, query } from '@totesys/runtime';
import { findFaults, type RowFault, rowFaultOf, tooManyUnreadable } from '@totesys/source';
import { type Selection, selectComputed } from '../sql/select-rows.ts';
import type { ComparedTable } from './compared-table.ts';

/**
 * The most rows of a table that the source may fail to compute because they, or rows that they join to, are unreadable.
 * With more, the comparison fails.
 */
const MOST_UNREADABLE = 1_000;

/**
 * Runs `work`, which computes the selected rows on the source. Where the server fails on a row, finds all rows on which
 * it fails, adds them to the table's unreadable rows and runs `work` again without them.
 */
export async function aroundUnreadable<T>(
  table: ComparedTable,
  source: Connection,
  selection: Selection,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await inSavepoint(source, work);
  } catch (error) {
    if (!rowFaultOf(error)) throw error;
    const found = await findUnreadable(table, selection, (each) => probeRows(table, source, each));
    if (found.length === 0) throw error;
    for (const key of found) table.unreadable.add(key);
    return await inSavepoint(source, work);
  }
}

async function findUnreadable(
  table: ComparedTable,
  selection: Selection,
  read: (selection: Selection) => Promise<RowFault | undefined>,
): Promise<number[]> {
  const found = new Map<number, RowFault>();
  const search = async (first: number, last: number, within: (first: number, last: number) => Selection) => {
    const probe = (from: number, to: number) => read(within(from, to));
    await findFaults(probe, { first, last, isKnown: true }, found, MOST_UNREADABLE);
    if (found.size > MOST_UNREADABLE) throw tooManyUnreadable(table.name, found, MOST_UNREADABLE);
    return [...found.keys()];
  };
  if (!('keys' in selection)) return await search(selection.first, selection.last, (first, last) => ({ first, last }));
  const { keys } = selection;
  if (keys.length === 0) return [];
  // The search halves a range, so a list of keys is searched by their positions.
  const positions = await search(0, keys.length - 1, (first, last) => ({ keys: keys.slice(first, last + 1) }));
  return positions.map((position) => keys[position]!);
}

async function probeRows(
  table: ComparedTable,
  source: Connection,
  selection: Selection,
): Promise<RowFault | undefined> {
  try {
    await inSavepoint(source, () => query(source, selectComputed(table, table.expected, selection)));
    return undefined;
  } catch (error) {
    const fault = rowFaultOf(error);
    if (fault) return fault;
    throw error;
  }
}
