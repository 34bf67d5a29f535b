import type * as arrow from 'apache-arrow';
import type { ObjectPart } from '../manifests/manifest.ts';
import { readPart } from '../parts/part.ts';
import type { Store } from '../stores/store.ts';
import { findKeyBounds } from './key-bounds.ts';
import { KeySet, KeySetBuilder } from './key-set.ts';

/** A part of more bytes is worth a look at its footer first: it may hold none of the keys that are sought. */
const LARGE_BYTES = 1024 * 1024;

/** The keys that stand in a column of parts; with `among`, those of them that are in that set. */
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

/** The keys of parts that hold ranges of them, `first` to `last`. */
export async function readPartRanges(store: Store, parts: Iterable<ObjectPart>): Promise<KeySet> {
  const builder = new KeySetBuilder();
  for (const part of parts) {
    for await (const rows of readPart(store, part)) {
      const [first, last] = ['first', 'last'].map((name) => rows.getChild(name)!.data[0]!.values as BigInt64Array);
      for (let row = 0; row < rows.numRows; row++) builder.addRange(Number(first![row]), Number(last![row]));
    }
  }
  return builder.build();
}

/** The distinct integers of a column; none if there is no such column. */
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

/** Whether a part may have rows with any of these keys: true for a small part, and for a large one as far as its footer shows. */
export async function mayHoldKeys(store: Store, part: ObjectPart, column: string, keys: KeySet): Promise<boolean> {
  if (part.bytes <= LARGE_BYTES) return true;
  const bounds = await findKeyBounds(store, { key: part.key, sizeBytes: part.bytes }, column);
  if (bounds === undefined || bounds === 'none') return true;
  return keys.within(bounds.first - 1, bounds.last).count > 0;
}
