import type { Store, StoredObject } from '../store.ts';

/** A place from which objects can be removed. Sweep alone holds one: the stages know stores, and a store cannot. */
export interface Sweepable {
  readonly store: Store;
  /** The place's own clock, by which its objects' `writtenMs` are told. */
  nowMs(): Promise<number>;
  /** What killed writers left and no listing of the store shows. */
  temporaries(): AsyncIterable<StoredObject>;
  /** Removes an object or a temporary; one that is gone already is as it should be. */
  remove(key: string): Promise<void>;
}
