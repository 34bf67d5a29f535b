import { type KeySet, KeySetBuilder } from '@totesys/lake';
import type { SourceTable } from '@totesys/schema';
import { keyLimits, type RowSelection } from '@totesys/source';

/** A wider range asks for rows, not for single keys: a key without a row becomes a deletion only if it is known. */
const MOST_NAMED_KEYS = 1_000_000;
/** A range of fewer keys is read by its keys, together with other ranges. */
const WIDE_KEYS = 1_000;
/** Keys that one statement reads. */
const STATEMENT_KEYS = 50_000;

/**
 * What requests ask for in a table: the keys of rows to carry, and those of them that become deletions if they have
 * no row.
 */
export interface RequestedKeys {
  readonly rows: KeySet;
  readonly named: KeySet;
}

/** Returns the keys of a request's ranges without those that the table's key column cannot hold. */
export function requestedKeys(table: SourceTable, ranges: Iterable<readonly [number, number]>): RequestedKeys {
  const { least, most } = keyLimits(table);
  const rows = new KeySetBuilder();
  const named = new KeySetBuilder();
  for (const [first, last] of ranges) {
    const [from, to] = [Math.max(first, least), Math.min(last, most)];
    if (from > to) continue;
    rows.addRange(from, to);
    if (last - first < MOST_NAMED_KEYS) named.addRange(from, to);
  }
  return { rows: rows.build(), named: named.build() };
}

/** Keys that one pass reads: with `isRange` every key from the first to the last, otherwise only some of them. */
export interface RequestedPiece {
  readonly first: number;
  readonly last: number;
  readonly isRange: boolean;
  readonly selection: RowSelection;
}

/** Cuts keys into pieces, in order: a wide range by its bounds, narrow ranges by their keys, at most `size` of them. */
export function* piecesOf(table: SourceTable, keys: KeySet, size: number): Generator<RequestedPiece> {
  const { least } = keyLimits(table);
  const most = Math.min(size, STATEMENT_KEYS);
  let pool: number[] = [];
  const pooled = (): RequestedPiece => {
    const piece = { first: pool[0]!, last: pool.at(-1)!, isRange: false };
    const selection = { keysIn: { column: table.key, keys: pool } };
    pool = [];
    return { ...piece, selection };
  };
  for (const [first, last] of keys.ranges()) {
    if (last - first >= WIDE_KEYS) {
      if (pool.length > 0) yield pooled();
      // The least integer has no predecessor.
      const after = first > least ? { after: first - 1 } : {};
      yield { first, last, isRange: true, selection: { ...after, through: last } };
      continue;
    }
    for (let key = first; key <= last; key++) {
      if (pool.push(key) >= most) yield pooled();
    }
  }
  if (pool.length > 0) yield pooled();
}
