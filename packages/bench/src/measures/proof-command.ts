import { CODE_VERSION, type Command } from '@totesys/cli';
import type { Store } from '@totesys/lake';
import { PROOF_REQUESTS, PROOF_SLICES, prove } from '@totesys/reconcile';

/** The most objects in a page of a listing of S3. */
const PAGE = 1_000;

/** The requests that a proof makes of both lakes, if they were buckets. */
interface Requests {
  count: number;
}

/** Runs `totesys-bench proof-once`: a proof as `totesys prove` runs it, with the number of its requests. */
export const proofCommand: Command = async (context) => {
  const requests: Requests = { count: 0 };
  const proof = await prove(
    {
      model: context.model,
      source: await context.source(),
      warehouse: await context.warehouse(),
      ingestion: counted(context.ingestion(), requests),
      processed: counted(context.processed(), requests),
      telemetry: context.terminal.telemetryOf('reconcile'),
      codeVersion: CODE_VERSION,
      interrupted: context.interrupted,
    },
    { slices: PROOF_SLICES, requests: PROOF_REQUESTS },
  );
  return { ok: proof.ok, command: 'bench-proof', compared: proof.rows.compared, requests: requests.count };
};

// Without `probe`, a store is asked as a bucket is.
function counted(store: Store, requests: Requests): Store {
  const count = <T>(result: T): T => {
    requests.count += 1;
    return result;
  };
  return {
    uri: store.uri,
    putIfAbsent: (key, body) => count(store.putIfAbsent(key, body)),
    find: (key) => count(store.find(key)),
    get: (key) => count(store.get(key)),
    getRange: (key, start, end) => count(store.getRange(key, start, end)),
    async *list(prefix, options) {
      requests.count += 1;
      let objects = 0;
      for await (const object of store.list(prefix, options)) {
        if (objects > 0 && objects % PAGE === 0) requests.count += 1;
        objects += 1;
        yield object;
      }
    },
  };
}
