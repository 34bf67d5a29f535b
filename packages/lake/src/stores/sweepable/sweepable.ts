import type { Store, StoredObject } from '../store.ts';

/**
 * A place from which objects can be removed. Only sweep uses one: the stages use a store, which cannot remove objects.
 */
export interface Sweepable {
  readonly store: Store;
  /** The place's own clock, which also sets its objects' `writtenMs`. */
  nowMs(): Promise<number>;
  /** Files that killed writers left and that no listing of the store shows. */
  temporaries(): AsyncIterable<StoredObject>;
  /** Removes an object or a temporary file; a missing one is no error. */
  remove(key: string): Promise<void>;
}
