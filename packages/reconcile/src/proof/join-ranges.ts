import { KeySet } from '@totesys/lake';

/** Keys of tables, by the name of the table. */
export type TableKeys = ReadonlyMap<string, KeySet>;

/**
 * Returns sets that include all the given keys in at most `most` ranges, which is more than there are tables: the
 * ranges with the smallest gaps between them are joined, across all tables.
 */
export function joinRanges(tables: TableKeys, most: number): TableKeys {
  const gaps = Float64Array.from(gapsOf(tables)).sort();
  const joined = gaps.length + tables.size - most;
  if (joined <= 0) return tables;
  const largest = gaps[joined - 1]!;
  return new Map([...tables].map(([table, keys]) => [table, joinAcross(keys, largest)]));
}

/** Returns the first `most` keys, table by table, and how many are left. */
export function takeKeys(tables: TableKeys, most: number): { readonly taken: TableKeys; readonly left: number } {
  const taken = new Map<string, KeySet>();
  let room = most;
  let left = 0;
  for (const [table, keys] of tables) {
    const ranges: [number, number][] = [];
    for (const [first, last] of keys.ranges()) {
      const end = Math.min(last, first + room - 1);
      if (end >= first) ranges.push([first, end]);
      room -= Math.max(0, end - first + 1);
      left += last - Math.max(end, first - 1);
    }
    taken.set(table, KeySet.of(ranges));
  }
  return { taken, left };
}

function* gapsOf(tables: TableKeys): Generator<number> {
  for (const { bounds } of tables.values()) {
    for (let at = 2; at < bounds.length; at += 2) yield bounds[at]! - bounds[at - 1]!;
  }
}

function joinAcross(keys: KeySet, largest: number): KeySet {
  const ranges: [number, number][] = [];
  for (const [first, last] of keys.ranges()) {
    const before = ranges.at(-1);
    if (before && first - before[1] <= largest) before[1] = last;
    else ranges.push([first, last]);
  }
  return KeySet.of(ranges);
}
