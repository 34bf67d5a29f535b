import { findManifestBatch, type Store } from '@totesys/lake';

/** Bugs that the kit plants to prove that it finds them. */
export const PLANTED_BUGS = ['manifest before its parts', 'ledger apart from its rows'] as const;
/** A planted bug. */
export type PlantedBug = (typeof PLANTED_BUGS)[number];

/** A store that writes the manifest before its parts, so that a kill leaves a manifest without parts. */
export function manifestFirst(store: Store): Store {
  const kept = new Map<string, Uint8Array>();
  return {
    uri: store.uri,
    find: (key) => store.find(key),
    get: (key) => store.get(key),
    getRange: (key, start, end) => store.getRange(key, start, end),
    list: (prefix, options) => store.list(prefix, options),
    async putIfAbsent(key, body) {
      if (findManifestBatch(key) === undefined) {
        kept.set(key, body);
        return 'created';
      }
      const outcome = await store.putIfAbsent(key, body);
      for (const [part, content] of kept) await store.putIfAbsent(part, content);
      kept.clear();
      return outcome;
    },
  };
}

/** Returns the statement before which the bug commits, so that a kill leaves a batch's rows without a ledger entry. */
export function statementToCommitBefore(bug: PlantedBug | undefined): string | undefined {
  return bug === 'ledger apart from its rows' ? 'insert into etl.ledger' : undefined;
}
