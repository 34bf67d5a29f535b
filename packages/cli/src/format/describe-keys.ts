import type { KeySet } from '@totesys/lake';

/** Keys as a person reads and writes them, `3,7-9`; of many ranges the first `most`. */
export function describeKeys(keys: KeySet, most: number): string {
  const shown: string[] = [];
  for (const [first, last] of keys.ranges()) {
    if (shown.length === most) return `${shown.join(',')},…`;
    shown.push(first === last ? String(first) : `${first}-${last}`);
  }
  return shown.join(',');
}
