import { checkKey, checkPrefix, compareKeys } from './object-key.ts';
import { objectMissing } from './object-missing.ts';
import type { PutOutcome, Store, StoredObject } from './store.ts';

/** Objects in memory by key, with the time of writing in milliseconds since 1970. */
export type MemoryObjects = Map<string, { readonly body: Buffer; readonly writtenMs: number }>;

/** Returns a store in memory, for tests; it passes the same conformance suite as the others. */
export function memoryStore(uri = 'memory://lake', objects: MemoryObjects = new Map()): Store {
  const find = async (key: string) => {
    checkKey(key);
    const body = objects.get(key)?.body;
    return body && new Uint8Array(body);
  };
  const get = async (key: string): Promise<Uint8Array> => {
    const body = await find(key);
    if (!body) throw objectMissing(uri, key);
    return body;
  };
  return {
    uri,
    find,
    get,
    getRange: async (key, start, end) => (await get(key)).subarray(start, end),
    async putIfAbsent(key: string, body: Uint8Array): Promise<PutOutcome> {
      checkKey(key);
      const present = objects.get(key)?.body;
      if (present) return present.equals(body) ? 'same' : 'conflict';
      objects.set(key, { body: Buffer.from(body), writtenMs: Date.now() });
      return 'created';
    },
    async *list(prefix: string, options: { after?: string; limit?: number } = {}): AsyncGenerator<StoredObject> {
      checkPrefix(prefix);
      const { after = '', limit = Number.POSITIVE_INFINITY } = options;
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0);
      for (const key of keys.sort(compareKeys).slice(0, limit)) {
        const { body, writtenMs } = objects.get(key)!;
        yield { key, sizeBytes: body.length, writtenMs };
      }
    },
  };
}
