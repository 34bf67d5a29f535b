import { arrowSchema, Int64Builder, recordBatch } from '@totesys/columns';
import { bigint } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import type { ObjectPart } from '../manifests/manifest.ts';
import { readPart } from '../parts/part.ts';
import type { Store } from '../stores/store.ts';
import { findKeyBounds } from './key-bounds.ts';
import { KeySet, KeySetBuilder } from './key-set.ts';

/** Above this size the footer is read first, because the part may have none of the keys: bytes. */
const LARGE_BYTES = 1024 * 1024;

/** Reads the keys in a column of parts; with `among`, those that are in that set. */
export async function readPartKeys(
  store: Store,
  parts: Iterable<ObjectPart>,
  column: string,
  among?: KeySet,
): Promise<KeySet> {
  const builder = new KeySetBuilder();
  for (const part of parts) {
    if (among && !(await mayHoldKeys(store, part, column, among))) continue;
    for await (const rows of readPart(store, part)) {
      const values = rows.getChild(column)!.data[0]!.values as Int32Array | BigInt64Array;
      for (let row = 0; row < rows.numRows; row++) {
        const key = Number(values[row]);
        if (!among || among.has(key)) builder.add(key);
      }
    }
  }
  return builder.build();
}

/** The columns of a part of key ranges. */
const RANGE_COLUMNS = ['first', 'last'].map((name) => ({ name, type: bigint() }));

/** Returns the ranges of a set as the rows of a part. */
export function keyRangeRows(keys: KeySet): arrow.RecordBatch {
  const builders = RANGE_COLUMNS.map(() => new Int64Builder(new arrow.Int64()));
  for (const range of keys.ranges()) {
    range.forEach((key, i) => {
      builders[i]!.append(key);
    });
  }
  const children = builders.map((builder) => builder.finish());
  return recordBatch(arrowSchema(RANGE_COLUMNS), children, keys.rangeCount);
}

/** Reads the keys of parts of key ranges. */
export async function readPartRanges(store: Store, parts: Iterable<ObjectPart>): Promise<KeySet> {
  const builder = new KeySetBuilder();
  for (const part of parts) {
    for await (const rows of readPart(store, part)) {
      const [first, last] = RANGE_COLUMNS.map(({ name }) => rows.getChild(name)!.data[0]!.values as BigInt64Array);
      for (let row = 0; row < rows.numRows; row++) builder.addRange(Number(first![row]), Number(last![row]));
    }
  }
  return builder.build();
}

/** Returns the distinct integers of a column; none if there is no such column. */
export function keysOfColumn(rows: arrow.RecordBatch, column: string): KeySet {
  const builder = new KeySetBuilder();
  const vector = rows.getChild(column);
  if (!vector) return KeySet.empty;
  for (const data of vector.data) {
    const values = data.values as Int32Array | BigInt64Array;
    for (let row = 0; row < data.length; row++) if (data.getValid(row)) builder.add(Number(values[row]));
  }
  return builder.build();
}

/** Returns false if the footer of a large part shows that no row has one of the keys. */
export async function mayHoldKeys(store: Store, part: ObjectPart, column: string, keys: KeySet): Promise<boolean> {
  if (part.bytes <= LARGE_BYTES) return true;
  const bounds = await findKeyBounds(store, { key: part.key, sizeBytes: part.bytes }, column);
  if (bounds === undefined || bounds === 'none') return true;
  return keys.within(bounds.first - 1, bounds.last).count > 0;
}
