import type { Store } from '../src/index.ts';
import { storeWith } from './store-with.ts';

/**
 * A store that notes what it is asked, as `find KEY`, `get KEY`, `range KEY START END` and `list PREFIX`, and each
 * object of a listing as `listed KEY`.
 */
export function recordingStore(store: Store, requests: string[]): Store {
  return storeWith(store, {
    find: (key) => {
      requests.push(`find ${key}`);
      return store.find(key);
    },
    get: (key) => {
      requests.push(`get ${key}`);
      return store.get(key);
    },
    getRange: (key, start, end) => {
      requests.push(`range ${key} ${start} ${end}`);
      return store.getRange(key, start, end);
    },
    list: async function* (prefix, options) {
      requests.push(`list ${prefix}`);
      for await (const object of store.list(prefix, options)) {
        requests.push(`listed ${object.key}`);
        yield object;
      }
    },
  });
}
