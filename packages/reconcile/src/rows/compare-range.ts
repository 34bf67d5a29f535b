import type { Connection } from '@totesys/runtime';
import type { Hashing } from '../sql/cell.ts';
import { aroundUnreadable } from './around-unreadable.ts';
import {
  type ComparedTable,
  type Rows,
  type Selection,
  type Statement,
  selectChecksums,
  selectRowHashes,
} from './compared-table.ts';
import type { DifferenceKind } from './difference.ts';

/** Keys of a range that one pair of statements reads: a piece of work, and a step of the progress. */
const CHUNK_KEYS = 100_000;
/** Pieces that a table is cut into at most, however thinly its keys lie. */
const MOST_CHUNKS = 1_000;
/** Checksums that one statement gives. */
const BUCKETS = 64;
/** Rows of a bucket whose hashes are fetched rather than cut again. */
const LEAF_ROWS = 2_000;

/** A connection to each side. */
export interface Pair {
  readonly source: Connection;
  readonly warehouse: Connection;
}

/** Keys from the first to the last, both included. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
}

/** A key whose rows differ, and how. */
export interface DifferingKey {
  readonly key: number;
  readonly kind: DifferenceKind;
}

/** The ranges of keys, together all that either side has, that are compared one by one. */
export async function cutIntoRanges(table: ComparedTable, pair: Pair): Promise<KeyRange[]> {
  const bounds = await Promise.all([readBounds(pair.source, table.expected), readBounds(pair.warehouse, table.actual)]);
  const present = bounds.filter((range) => range !== undefined);
  if (present.length === 0) return [];
  const first = Math.min(...present.map((range) => range.first));
  const last = Math.max(...present.map((range) => range.last));
  const width = Math.max(CHUNK_KEYS, Math.ceil((last - first + 1) / MOST_CHUNKS));
  const ranges: KeyRange[] = [];
  for (let from = first; from <= last; from += width)
    ranges.push({ first: from, last: Math.min(last, from + width - 1) });
  return ranges;
}

/** Compares a range by the checksums of its buckets, and those that differ by theirs, down to keys; gives how many rows either side has there. */
export async function compareRange(
  table: ComparedTable,
  pair: Pair,
  range: KeyRange,
  hashing: Hashing,
  onKeys: (keys: DifferingKey[]) => Promise<void>,
): Promise<{ expected: number; actual: number }> {
  const step = Math.ceil((range.last - range.first + 1) / BUCKETS);
  const select = (rows: Rows) => selectChecksums(table, rows, { ...range, step }, hashing);
  const [expected, actual] = await aroundUnreadable(table, { source: pair.source, hashing }, range, () =>
    Promise.all([
      readChecksums(pair.source, select(table.expected)),
      readChecksums(pair.warehouse, select(table.actual)),
    ]),
  );
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const [one, other] = [expected.get(bucket), actual.get(bucket)];
    if (one?.rows === other?.rows && one?.checksum === other?.checksum) continue;
    const first = range.first + bucket * step;
    const within = { first, last: Math.min(range.last, first + step - 1) };
    const isLeaf = Math.min(step, Math.max(one?.rows ?? 0, other?.rows ?? 0)) <= LEAF_ROWS;
    if (isLeaf) await onKeys(await compareKeys(table, pair, within, hashing));
    else await compareRange(table, pair, within, hashing, onKeys);
  }
  return { expected: total(expected), actual: total(actual) };
}

/** Compares the selected rows one by one by their hashes; gives the keys that differ, in order. */
export async function compareKeys(
  table: ComparedTable,
  pair: Pair,
  selection: Selection,
  hashing: Hashing,
): Promise<DifferingKey[]> {
  const [expected, actual] = await aroundUnreadable(table, { source: pair.source, hashing }, selection, () =>
    Promise.all([
      readRowHashes(pair.source, selectRowHashes(table, table.expected, selection, hashing)),
      readRowHashes(pair.warehouse, selectRowHashes(table, table.actual, selection, hashing)),
    ]),
  );
  const keys: DifferingKey[] = [];
  for (const [key, hash] of expected) {
    const found = actual.get(key);
    if (found === undefined) keys.push({ key, kind: 'missing' });
    else if (found !== hash) keys.push({ key, kind: 'differs' });
  }
  for (const key of actual.keys()) if (!expected.has(key)) keys.push({ key, kind: 'extra' });
  return keys.sort((a, b) => a.key - b.key);
}

async function readBounds(connection: Connection, rows: Rows): Promise<KeyRange | undefined> {
  const [row] = await run(connection, rows.bounds);
  return row?.first == null ? undefined : { first: Number(row.first), last: Number(row.last) };
}

async function readChecksums(connection: Connection, statement: Statement) {
  const rows = await run(connection, statement);
  return new Map(rows.map(({ bucket, rows, checksum }) => [Number(bucket), { rows: Number(rows), checksum }]));
}

async function readRowHashes(connection: Connection, statement: Statement): Promise<Map<number, string>> {
  return new Map((await run(connection, statement)).map(({ key, hash }) => [Number(key), String(hash)]));
}

function run(connection: Connection, { text, parameters }: Statement) {
  return connection.unsafe(text, parameters as never[]);
}

function total(checksums: ReadonlyMap<number, { rows: number }>): number {
  let sum = 0;
  for (const { rows } of checksums.values()) sum += rows;
  return sum;
}
