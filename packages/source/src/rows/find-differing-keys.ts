import { KeySet } from '@totesys/lake';
import { query } from '@totesys/runtime';
import { type BucketRow, countByBucket } from '../sql/count-by-bucket.ts';
import type { RowSelection } from '../sql/row-selection.ts';
import { unscannable } from '../unreadable/unscannable.ts';
import { type SnapshotTable, setRowSelection } from './read-rows.ts';

/** A bucket has at least 2^13 keys: fewer cost more groups than they save rows. */
const LEAST_BITS = 13;
/** With 2^20 keys, the sum of a bucket is a safe integer. Keys that need larger buckets are too far apart for them. */
const MOST_BITS = 20;
/** About how many buckets a table has: each is a group of the server and a line of the answer. */
const BUCKETS = 4_096;

interface Bucket {
  rows: number;
  distances: number;
}

/**
 * Returns the keys of the buckets in which the selected rows are not exactly those with the expected keys, by the
 * number of rows and the sum of their keys. Undefined if buckets would not help: then every key must be compared.
 */
export async function findDifferingKeys(
  from: SnapshotTable,
  selection: RowSelection,
  expected: KeySet,
): Promise<KeySet | undefined> {
  const bits = bitsFor(expected);
  if (bits > MOST_BITS) return undefined;
  const wanted = bucketsOf(expected, bits);
  const found = await countBuckets(from, selection, bits);
  const differing = [...new Set([...wanted.keys(), ...found.keys()])].filter((bucket) => {
    const [one, other] = [wanted.get(bucket), found.get(bucket)];
    return one?.rows !== other?.rows || one?.distances !== other?.distances;
  });
  if (2 * differing.length > wanted.size) return undefined;
  const size = 2 ** bits;
  return KeySet.of(differing.map((bucket) => [bucket * size, (bucket + 1) * size - 1] as const));
}

function bitsFor(expected: KeySet): number {
  const span = expected.count === 0 ? 1 : expected.last - expected.bounds[0]! + 1;
  return Math.max(LEAST_BITS, Math.ceil(Math.log2(span / BUCKETS)));
}

function bucketsOf(keys: KeySet, bits: number): Map<number, Bucket> {
  const size = 2 ** bits;
  const buckets = new Map<number, Bucket>();
  for (const [first, last] of keys.ranges()) {
    for (let from = first; from <= last; ) {
      const number = Math.floor(from / size);
      const start = number * size;
      const to = Math.min(last, start + size - 1);
      const bucket = buckets.get(number) ?? { rows: 0, distances: 0 };
      const rows = to - from + 1;
      bucket.rows += rows;
      bucket.distances += (rows * (from - start + (to - start))) / 2;
      buckets.set(number, bucket);
      from = to + 1;
    }
  }
  return buckets;
}

async function countBuckets(
  { connection, table, window }: SnapshotTable,
  selection: RowSelection,
  bits: number,
): Promise<Map<number, Bucket>> {
  await setRowSelection(connection, selection, window);
  const statement = { text: countByBucket(table, selection), parameters: [bits, 2 ** bits - 1] };
  const rows = await query<BucketRow>(connection, statement).catch((error) => {
    throw unscannable(table, error);
  });
  return new Map(
    rows.map(({ bucket, rows: count, distances }) => [
      Number(bucket),
      { rows: Number(count), distances: Number(distances) },
    ]),
  );
}
