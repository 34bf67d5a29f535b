import type { KeySet } from './key-set.ts';

/** Ranges of keys that are kept for one part: more are joined across their smallest gaps. */
const MAX_PART_RANGES = 20;

/** Returns at most 20 ranges that include all keys of the set. */
export function coarseRanges(keys: KeySet): [number, number][] {
  const ranges = [...keys.ranges()];
  if (ranges.length <= MAX_PART_RANGES) return ranges;
  const gapBefore = (i: number) => ranges[i]![0] - ranges[i - 1]![1];
  const kept = new Set(
    ranges
      .map((_, i) => i)
      .slice(1)
      .sort((a, b) => gapBefore(b) - gapBefore(a))
      .slice(0, MAX_PART_RANGES - 1),
  );
  const coarse: [number, number][] = [];
  ranges.forEach(([first, last], i) => {
    if (i === 0 || kept.has(i)) coarse.push([first, last]);
    else coarse.at(-1)![1] = last;
  });
  return coarse;
}
