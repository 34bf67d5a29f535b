import { type KeySet, KeySetBuilder } from './key-set.ts';
import type { ObjectPart } from './manifest.ts';
import { readPart } from './part.ts';
import type { Store } from './store.ts';

/** The keys that stand in a column of parts; with `among`, those of them that are in that set. */
export async function readPartKeys(
  store: Store,
  parts: Iterable<ObjectPart>,
  column: string,
  among?: KeySet,
): Promise<KeySet> {
  const builder = new KeySetBuilder();
  for (const part of parts) {
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
