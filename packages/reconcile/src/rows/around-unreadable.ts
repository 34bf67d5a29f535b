import { type Connection, inSavepoint } from '@totesys/runtime';
import { findFaults, type RowFault, rowFaultOf, tooManyUnreadable } from '@totesys/source';
import type { Hashing } from '../sql/cell.ts';
import { type ComparedTable, type Selection, type Statement, selectComputed } from './compared-table.ts';

/** Rows of a table that the source cannot read, or whose joined rows it cannot read: more is an error of the whole table. */
const MOST_ROWS = 1_000;

/**
 * Does work that computes the selected rows on the source. Where the server fails on a row, the rows that it fails on are found, left out of the table's
 * comparison on both sides from then on, and the work begins again.
 */
export async function aroundUnreadable<T>(
  table: ComparedTable,
  { source, hashing }: { source: Connection; hashing: Hashing },
  selection: Selection,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await inSavepoint(source, work);
  } catch (error) {
    if (!rowFaultOf(error)) throw error;
    const found = await findUnreadable(table, selection, (each) => probeRows(table, { source, hashing }, each));
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
    await findFaults(probe, { first, last, isKnown: true }, found, MOST_ROWS);
    if (found.size > MOST_ROWS) throw tooManyUnreadable(table.name, found, MOST_ROWS);
    return [...found.keys()];
  };
  if (!('keys' in selection)) return await search(selection.first, selection.last, (first, last) => ({ first, last }));
  const { keys } = selection;
  if (keys.length === 0) return [];
  // A list is cut by its places.
  const places = await search(0, keys.length - 1, (first, last) => ({ keys: keys.slice(first, last + 1) }));
  return places.map((place) => keys[place]!);
}

async function probeRows(
  table: ComparedTable,
  { source, hashing }: { source: Connection; hashing: Hashing },
  selection: Selection,
): Promise<RowFault | undefined> {
  const { text, parameters }: Statement = selectComputed(table, table.expected, selection, hashing);
  try {
    await inSavepoint(source, () => source.unsafe(text, parameters as never[]));
    return undefined;
  } catch (error) {
    const fault = rowFaultOf(error);
    if (fault) return fault;
    throw error;
  }
}
