import type { Store } from '../src/index.ts';

/**
 * A store that does some calls otherwise and passes the others on; unlike a spread of the store, it has those of a
 * class, too.
 */
export function storeWith(store: Store, calls: Partial<Store>): Store {
  return {
    uri: store.uri,
    putIfAbsent: (key, body) => store.putIfAbsent(key, body),
    find: (key) => store.find(key),
    get: (key) => store.get(key),
    getRange: (key, start, end) => store.getRange(key, start, end),
    list: (prefix, options) => store.list(prefix, options),
    ...(store.probe && { probe: store.probe }),
    ...calls,
  };
}
