import { findManifestBatch, type IngestionManifest, type Store } from '@totesys/lake';
import type { Pool } from '@totesys/runtime';
import { advanceSlot } from '@totesys/source';

/** Bugs that the kit plants to prove that it finds them. */
export const PLANTED_BUGS = [
  'manifest before its parts',
  'ledger apart from its rows',
  'slot advanced before its manifest',
] as const;
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

/** A store that advances the slot before it writes the manifest, so that a kill loses the slot's changes. */
export function advanceFirst(store: Store, source: Pool): Store {
  return {
    uri: store.uri,
    find: (key) => store.find(key),
    get: (key) => store.get(key),
    getRange: (key, start, end) => store.getRange(key, start, end),
    list: (prefix, options) => store.list(prefix, options),
    async putIfAbsent(key, body) {
      if (findManifestBatch(key) !== undefined) {
        const { hint } = JSON.parse(Buffer.from(body).toString()) as IngestionManifest;
        if (hint?.position != null) await advanceSlot(source, BigInt(hint.position));
      }
      return await store.putIfAbsent(key, body);
    },
  };
}

/** Returns the statement before which the bug commits, so that a kill leaves a batch's rows without a ledger entry. */
export function statementToCommitBefore(bug: PlantedBug | undefined): string | undefined {
  return bug === 'ledger apart from its rows' ? 'insert into etl.ledger' : undefined;
}
