import type { ProofPosition } from '@totesys/lake';
import type { KeyRange } from '../sql/select-rows.ts';

/** The slice of a cycle that a proof compares: slices 0 to `slices` - 1 have all keys of the tables once. */
export interface Slice {
  readonly slice: number;
  readonly slices: number;
  /** The first key of each table that the earlier slices of the cycle lack. */
  readonly keys: Readonly<Record<string, number>>;
}

/**
 * Returns the slice that follows the last proof. A cycle begins at the first proof, after a whole cycle, and where the
 * number of slices has changed.
 */
export function nextSlice(before: ProofPosition | undefined, slices: number): Slice {
  if (before?.slices !== slices || before.slice >= slices) return { slice: 0, slices, keys: {} };
  return { slice: before.slice, slices, keys: before.keys };
}

/** Whether the slice is the last one of its cycle. */
export const isLastSlice = ({ slice, slices }: Slice): boolean => slice === slices - 1;

/**
 * Returns the keys of a table in the slice: an equal share of the keys that are left, the last slice all of them.
 * `bounds` has all keys that the table has now. Undefined if no key is left.
 */
export function cutSlice({ slice, slices, keys }: Slice, table: string, bounds: KeyRange): KeyRange | undefined {
  const first = Math.max(keys[table] ?? bounds.first, bounds.first);
  if (first > bounds.last) return undefined;
  const width = Math.ceil((bounds.last - first + 1) / (slices - slice));
  return { first, last: Math.min(bounds.last, first + width - 1) };
}
