import { ErrorCode, PipelineError } from '@totesys/runtime';
import { manifestKey, PROBE_KEY, PROOF_PREFIX } from '../key-layout.ts';
import { findNewestBatch } from '../manifests/newest-batch.ts';
import type { Store } from './store.ts';

const PROBE_BODY = Buffer.from('{"purpose":"shows that this store refuses to replace an object"}\n');

/**
 * Returns the store with one check before its first write: an existing object is put again with its own bytes, which
 * the store must refuse. A store that ignores `If-None-Match` would let two runs commit the same batch, so it is
 * STORE_UNUSABLE, and nothing else is written. Results of proofs need no check: they commit no batch, and the role that
 * writes them may write no other object.
 */
export function createOnlyStore(store: Store): Store {
  let proof: Promise<void> | undefined;
  const checked: Store = {
    uri: store.uri,
    find: (key) => store.find(key),
    get: (key) => store.get(key),
    getRange: (key, start, end) => store.getRange(key, start, end),
    list: (prefix, options) => store.list(prefix, options),
    putIfAbsent: async (key, body) => {
      if (key.startsWith(PROOF_PREFIX)) return await store.putIfAbsent(key, body);
      proof ??= proveCreateOnly(store, checked);
      try {
        await proof;
      } catch (error) {
        // A network fault proves nothing: the next write checks again.
        proof = undefined;
        throw error;
      }
      return await store.putIfAbsent(key, body);
    },
  };
  return checked;
}

// `searched` is the checked store, because it remembers the newest batch that the stage has just found.
async function proveCreateOnly(store: Store, searched: Store): Promise<void> {
  const newest = await findNewestBatch(searched);
  const key = newest === 0 ? PROBE_KEY : manifestKey(newest);
  const body = newest === 0 ? PROBE_BODY : await store.get(key);
  if (newest === 0) await store.putIfAbsent(key, body);
  const outcome = await store.putIfAbsent(key, body);
  if (outcome === 'same') return;
  const fault =
    outcome === 'created'
      ? 'the store replaced the object although the request has If-None-Match: *'
      : 'the object has other bytes';
  throw new PipelineError(
    ErrorCode.STORE_UNUSABLE,
    `Store ${store.uri} cannot hold a lake: put '${key}' again with its own bytes, expected 412 Precondition Failed, ` +
      `but ${fault}. Two runs could commit the same batch there. ` +
      'Use Amazon S3, or a store that supports conditional writes.',
    { context: { store: store.uri, key, status: outcome === 'created' ? 200 : 412 } },
  );
}
