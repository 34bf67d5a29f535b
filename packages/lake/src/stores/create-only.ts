import { ErrorCode, PipelineError } from '@totesys/runtime';
import { PROBE_KEY, PROOF_PREFIX } from '../key-layout.ts';
import type { Store } from './store.ts';

const PROBE_BODY = Buffer.from('{"purpose":"shows that this store refuses to replace an object"}\n');

/**
 * Returns the store with one check before its first write: `_state/probe.json` is put again, which the store must
 * refuse. A store that ignores `If-None-Match` would let two runs commit the same batch, so it is STORE_UNUSABLE, and
 * nothing else is written. Results of proofs need no check: they commit no batch, and the role that
 * writes them may write no other object.
 */
export function createOnlyStore(store: Store): Store {
  let proof: Promise<void> | undefined;
  return {
    uri: store.uri,
    find: (key) => store.find(key),
    get: (key) => store.get(key),
    getRange: (key, start, end) => store.getRange(key, start, end),
    list: (prefix, options) => store.list(prefix, options),
    putIfAbsent: async (key, body) => {
      if (key.startsWith(PROOF_PREFIX)) return await store.putIfAbsent(key, body);
      proof ??= proveCreateOnly(store);
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
}

/**
 * Throws STORE_UNUSABLE unless the store refuses to replace an object. It puts an object of its own, because a store
 * that fails the check replaces what is there.
 */
export async function proveCreateOnly(store: Store): Promise<void> {
  const key = PROBE_KEY;
  const first = await store.putIfAbsent(key, PROBE_BODY);
  const outcome = first === 'created' ? await store.putIfAbsent(key, PROBE_BODY) : first;
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
