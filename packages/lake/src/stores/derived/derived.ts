import type { Store } from '../store.ts';

/**
 * A place with tables that are derived from the lakes and can be written again. Only a pointer is replaced in it, and
 * only its writer's own old objects are removed.
 */
export interface DerivedPlace {
  /** The place's URI as engines write it: `s3://bucket/prefix`, or `file://` and the path as it is on disk. */
  readonly uri: string;
  readonly store: Store;
  /** Writes an object whole, in place of the one that may have its key. */
  replace(key: string, body: Uint8Array): Promise<void>;
  /** Removes an object; a missing one is no error. */
  remove(key: string): Promise<void>;
}
