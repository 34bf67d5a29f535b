/** Result of a put: it created the object, or the object exists with the same or with other bytes. */
export type PutOutcome = 'created' | 'same' | 'conflict';

/** An object in a listing. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** The time of writing by the store's own clock, in milliseconds since 1970. */
  readonly writtenMs: number;
}

/** A bucket or folder of immutable objects. An object appears whole or not at all, and is never replaced. */
export interface Store {
  /** The store's URI, for messages. */
  readonly uri: string;
  /** Creates the object unless its key exists. */
  putIfAbsent(key: string, body: Uint8Array): Promise<PutOutcome>;
  /** Returns the object's bytes, undefined if it is missing. */
  find(key: string): Promise<Uint8Array | undefined>;
  /** Returns the object's bytes; throws OBJECT_MISSING if it is missing. */
  get(key: string): Promise<Uint8Array>;
  /**
   * Returns the bytes from `start` to before `end`, fewer if the object ends sooner; throws OBJECT_MISSING if it is
   * missing.
   */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  /**
   * Lists objects whose key begins with `prefix` and follows `after`, in the order of the keys' bytes, at most
   * `limit`.
   */
  list(prefix: string, options?: { after?: string; limit?: number }): AsyncIterable<StoredObject>;
  /**
   * Whether the key has an object. Only stores whose listing reads a whole folder have it, because single keys cost
   * less there for a search among numbered keys.
   */
  readonly probe?: (key: string) => Promise<boolean>;
}
