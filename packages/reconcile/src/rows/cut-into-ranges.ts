import { type Connection, query } from '@totesys/runtime';
import type { KeyRange } from '../sql/select-rows.ts';
import type { BoundsRow, SideRows } from '../sql/side-rows.ts';
import type { ComparedTable } from './compared-table.ts';
import type { Pair } from './snapshots.ts';

/** Keys of a range that one pair of statements reads: one piece of work, and one step of the progress. */
const CHUNK_KEYS = 100_000;
/** The most pieces that a range is cut into, however sparse its keys are. */
const MOST_CHUNKS = 1_000;

/** Returns ranges that together hold all keys of both sides; the comparison takes one after the other. */
export async function cutIntoRanges(table: ComparedTable, pair: Pair): Promise<KeyRange[]> {
  const bounds = await findBounds(table, pair);
  return bounds ? [...cutRange(bounds)] : [];
}

/** Returns the range of all keys of both sides, undefined if neither has a row. */
export async function findBounds(table: ComparedTable, pair: Pair): Promise<KeyRange | undefined> {
  const bounds = await Promise.all([readBounds(pair.source, table.expected), readBounds(pair.warehouse, table.actual)]);
  const present = bounds.filter((range) => range !== undefined);
  if (present.length === 0) return undefined;
  return {
    first: Math.min(...present.map((range) => range.first)),
    last: Math.max(...present.map((range) => range.last)),
  };
}

/** Cuts a range into pieces, each of which one pair of statements reads. */
export function* cutRange({ first, last }: KeyRange): Generator<KeyRange> {
  const width = Math.max(CHUNK_KEYS, Math.ceil((last - first + 1) / MOST_CHUNKS));
  for (let from = first; from <= last; from += width) yield { first: from, last: Math.min(last, from + width - 1) };
}

async function readBounds(connection: Connection, rows: SideRows): Promise<KeyRange | undefined> {
  const [row] = await query<BoundsRow>(connection, rows.bounds);
  return row?.first == null ? undefined : { first: Number(row.first), last: Number(row.last) };
}
