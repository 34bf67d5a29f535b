import type { KeySet } from '@totesys/lake';

/** Formats keys as `--keys` takes them, `3,7-9`; only the first `most` ranges. */
export function describeKeys(keys: KeySet, most: number): string {
  const shown: string[] = [];
  for (const [first, last] of keys.ranges()) {
    if (shown.length === most) return `${shown.join(',')},…`;
    shown.push(first === last ? String(first) : `${first}-${last}`);
  }
  return shown.join(',');
}
