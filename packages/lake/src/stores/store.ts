/** What became of a put: it made the object, found the very same bytes there, or found others, which stay. */
export type PutOutcome = 'created' | 'same' | 'conflict';

/** An object as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** When it was written by the place's own clock, in milliseconds since 1970. */
  readonly writtenMs: number;
}

/** A place for immutable objects: a bucket or a folder. An object appears whole or not at all, and is never replaced. */
export interface Store {
  /** The place as a URI, for messages. */
  readonly uri: string;
  /** Creates the object unless its key is taken. */
  putIfAbsent(key: string, body: Uint8Array): Promise<PutOutcome>;
  /** The object's bytes, or undefined where there is none. */
  find(key: string): Promise<Uint8Array | undefined>;
  /** The object's bytes; an object that is not there is a `PipelineError` OBJECT_MISSING. */
  get(key: string): Promise<Uint8Array>;
  /** The object's bytes from `start` to before `end`, fewer where it ends sooner; an object that is not there is OBJECT_MISSING. */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  /** Objects whose key begins with `prefix`, in the order of their keys' bytes, from behind the key `after`, at most `limit`. */
  list(prefix: string, options?: { after?: string; limit?: number }): AsyncIterable<StoredObject>;
  /**
   * Whether the key has an object. Only stores have it whose listing reads a whole folder, however few keys follow `after`: there a search
   * among numbered keys costs less by single keys.
   */
  readonly probe?: (key: string) => Promise<boolean>;
}
