import { type Connection, query, type Statement } from '@totesys/runtime';
import {
  type ChecksumRow,
  type KeyRange,
  type RowHashRow,
  type Selection,
  selectChecksums,
  selectRowHashes,
} from '../sql/select-rows.ts';
import { aroundUnreadable } from './around-unreadable.ts';
import type { ComparedTable } from './compared-table.ts';
import type { DifferenceKind } from './difference.ts';
import type { Pair } from './snapshots.ts';

/** Checksums that one statement returns. */
const BUCKETS = 64;
/** A bucket with at most this many rows is not cut again: the hashes of its rows are fetched. */
const LEAF_ROWS = 2_000;

/** A key whose rows differ, and how. */
export interface DifferingKey {
  readonly key: number;
  readonly kind: DifferenceKind;
}

/**
 * Compares a range by the checksums of its buckets and cuts each bucket that differs again, down to single keys, which
 * it hands to `onKeys`. Returns the number of rows on each side.
 */
export async function compareRange(
  table: ComparedTable,
  pair: Pair,
  range: KeyRange,
  onKeys: (keys: DifferingKey[]) => Promise<void>,
): Promise<{ expected: number; actual: number }> {
  const step = Math.ceil((range.last - range.first + 1) / BUCKETS);
  const [expected, actual] = await aroundUnreadable(table, pair.source, range, () =>
    Promise.all([
      readChecksums(pair.source, selectChecksums(table, table.expected, { ...range, step })),
      readChecksums(pair.warehouse, selectChecksums(table, table.actual, { ...range, step })),
    ]),
  );
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const [one, other] = [expected.get(bucket), actual.get(bucket)];
    if (one?.rows === other?.rows && one?.checksum === other?.checksum) continue;
    const first = range.first + bucket * step;
    const within = { first, last: Math.min(range.last, first + step - 1) };
    const isLeaf = Math.min(step, Math.max(one?.rows ?? 0, other?.rows ?? 0)) <= LEAF_ROWS;
    if (isLeaf) await onKeys(await findDifferingKeys(table, pair, within));
    else await compareRange(table, pair, within, onKeys);
  }
  return { expected: sumRows(expected), actual: sumRows(actual) };
}

/** Compares the hashes of the selected rows and returns the keys whose rows differ, in order. */
export async function findDifferingKeys(
  table: ComparedTable,
  pair: Pair,
  selection: Selection,
): Promise<DifferingKey[]> {
  return (await compareSelected(table, pair, selection)).keys;
}

/**
 * Compares the hashes of the selected rows. Returns the keys whose rows differ, in order, and the number of rows on
 * each side.
 */
export async function compareSelected(
  table: ComparedTable,
  pair: Pair,
  selection: Selection,
): Promise<{ keys: DifferingKey[]; expected: number; actual: number }> {
  const [expected, actual] = await aroundUnreadable(table, pair.source, selection, () =>
    Promise.all([
      readRowHashes(pair.source, selectRowHashes(table, table.expected, selection)),
      readRowHashes(pair.warehouse, selectRowHashes(table, table.actual, selection)),
    ]),
  );
  const keys: DifferingKey[] = [];
  for (const [key, hash] of expected) {
    const found = actual.get(key);
    if (found === undefined) keys.push({ key, kind: 'missing' });
    else if (found !== hash) keys.push({ key, kind: 'differs' });
  }
  for (const key of actual.keys()) if (!expected.has(key)) keys.push({ key, kind: 'extra' });
  return { keys: keys.sort((a, b) => a.key - b.key), expected: expected.size, actual: actual.size };
}

async function readChecksums(connection: Connection, statement: Statement) {
  const rows = await query<ChecksumRow>(connection, statement);
  return new Map(rows.map(({ bucket, rows, checksum }) => [bucket, { rows: Number(rows), checksum }]));
}

async function readRowHashes(connection: Connection, statement: Statement): Promise<Map<number, string>> {
  const rows = await query<RowHashRow>(connection, statement);
  return new Map(rows.map(({ key, hash }) => [Number(key), hash]));
}

function sumRows(checksums: ReadonlyMap<number, { rows: number }>): number {
  let sum = 0;
  for (const { rows } of checksums.values()) sum += rows;
  return sum;
}
