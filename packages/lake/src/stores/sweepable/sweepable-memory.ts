import { type MemoryObjects, memoryStore } from '../memory-store.ts';
import { checkKey } from '../object-key.ts';
import type { Sweepable } from './sweepable.ts';

/** A store in memory with removal of objects, for tests; it passes the same conformance suite as the others. */
export function sweepableMemory(objects: MemoryObjects = new Map(), uri?: string): Sweepable {
  return {
    store: memoryStore(uri, objects),
    nowMs: async () => Date.now(),
    async *temporaries() {},
    remove: async (key) => {
      checkKey(key);
      objects.delete(key);
    },
  };
}
