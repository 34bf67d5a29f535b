import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { die, type Effects, type Fault } from './effects.ts';

/** The turns of the event loop that a put to a folder takes; a kill during a put happens after one of them. */
const PUT_TURNS = 8;

/** A store that records every put, get and list and injects the planned fault. */
export function watchStore(store: Store, name: string, effects: Effects): Store {
  const meet = (kind: 'put' | 'get' | 'list', key: string) => {
    const fault = effects.record(kind, `${kind} ${name} ${folderOf(key)}`);
    if (fault === 'unreachable' || fault === 'timed-out') throw failure(store, fault, kind, key);
    return fault;
  };
  const cut = (fault: Fault | undefined, body: Uint8Array) =>
    fault === 'truncated' ? body.subarray(0, body.length / 2) : body;
  return {
    uri: store.uri,
    async putIfAbsent(key, body) {
      const fault = meet('put', key);
      const put = store.putIfAbsent(key, body);
      if (fault === 'kill-during') {
        for (let turn = effects.seen.length % PUT_TURNS; turn > 0; turn--) await eventLoopTurn();
        die();
      }
      const outcome = await put;
      if (fault === 'kill-after') die();
      if (fault === 'lost') throw failure(store, fault, 'put', key);
      return outcome;
    },
    async find(key) {
      const fault = meet('get', key);
      const body = await store.find(key);
      return body && cut(fault, body);
    },
    async get(key) {
      const fault = meet('get', key);
      return cut(fault, await store.get(key));
    },
    async getRange(key, start, end) {
      const fault = meet('get', key);
      return cut(fault, await store.getRange(key, start, end));
    },
    async *list(prefix, options) {
      meet('list', prefix);
      yield* store.list(prefix, options);
    },
  };
}

// The rest of a key differs from run to run.
function folderOf(key: string): string {
  return key.replace(/\/(batch_date=.*|[^/]*)$/, '/');
}

// The error of a store after its last attempt.
function failure(store: Store, fault: Fault, verb: string, key: string): PipelineError {
  return new PipelineError(
    fault === 'timed-out' ? ErrorCode.TIMED_OUT : ErrorCode.STORE_UNUSABLE,
    `Store ${store.uri}: cannot ${verb} '${key}' (${fault}, by the crash kit).`,
  );
}
