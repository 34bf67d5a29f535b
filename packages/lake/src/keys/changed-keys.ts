import type { ObjectPart } from '../manifests/manifest.ts';
import type { Store } from '../stores/store.ts';
import { KeySet } from './key-set.ts';
import { readPartKeys } from './part-keys.ts';

/** A part of a batch, with the ranges of its keys in the manifest. */
type KeyedPart = ObjectPart & { readonly keys?: readonly (readonly [number, number])[] | undefined };

/**
 * Returns the keys in a column of a part that has each key once. It reads the part only if its manifest's ranges
 * include keys that the part lacks.
 */
export async function readChangedKeys(store: Store, part: KeyedPart, column: string): Promise<KeySet> {
  const ranges = KeySet.of(part.keys ?? []);
  return ranges.count === part.rows ? ranges : await readPartKeys(store, [part], column);
}
