import { type MemoryObjects, memoryStore } from '../memory-store.ts';
import { checkKey } from '../object-key.ts';
import type { Sweepable } from './sweepable.ts';

/** A place in memory from which objects can be removed, for tests: it passes the same suite as the others. */
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
