import {
  type IngestionManifest,
  listOpenRequests,
  MOST_REQUEST_BYTES,
  parseRequest,
  type RequestState,
  requestStateOf,
  type Store,
  type StoredObject,
} from '@totesys/lake';
import type { Telemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { OpenRead } from './open-read.ts';
import { Requests } from './requests.ts';

/** Bytes of requests that one run reads; later requests wait for the next run. */
const MOST_RUN_BYTES = 8 * MOST_REQUEST_BYTES;

type Open = RequestState['open'][number];

/**
 * Reads the requests that no batch has answered completely. An unreadable request causes a warning and blocks
 * nothing.
 */
export async function readRequests(
  store: Store,
  model: Model,
  manifest: IngestionManifest | undefined,
  telemetry: Telemetry,
): Promise<Requests> {
  const before = requestStateOf(manifest);
  const requests = new Requests(before);
  let bytes = 0;
  for await (const { open, object } of listOpenRequests(store, before)) {
    if (bytes >= MOST_RUN_BYTES) {
      // The next run lists new requests by itself, but it reads an open one only if the manifest names it.
      if (!before.open.includes(open)) break;
      requests.postpone(open);
      continue;
    }
    if (!object) {
      // The operator withdraws a request by deleting its object.
      telemetry.info('request:withdrawn', { request: open.id });
      continue;
    }
    bytes += Math.min(object.sizeBytes, MOST_REQUEST_BYTES);
    const fault = await addRequest({ requests, store, model }, open, object);
    if (fault === undefined) continue;
    telemetry.warn('request:unreadable', { request: open.id, fault });
    requests.leave(open, fault);
  }
  return requests;
}

// Adds one request; returns the fault of one that cannot be answered, otherwise undefined.
async function addRequest(
  { requests, store, model }: { requests: Requests; store: Store; model: Model },
  { id, done }: Open,
  object: StoredObject,
): Promise<string | undefined> {
  if (object.sizeBytes > MOST_REQUEST_BYTES) {
    return `is ${object.sizeBytes} bytes long, expected at most ${MOST_REQUEST_BYTES}`;
  }
  const asked = parseRequest(await store.get(object.key));
  if (!asked) return 'is of a kind that this version does not know';
  const tables = asked.kind === 'read' ? asked.tables.map(({ table }) => table) : [asked.table];
  const unknown = tables.find((table) => !model.source.some(({ name }) => name === table));
  if (unknown !== undefined) return `names table '${unknown}', which is not in the model`;
  if (asked.kind === 'accept-deletes') requests.accept(id, asked.table);
  else {
    const read = new OpenRead(id, model, asked, done);
    if (read.isTooLarge) return 'names more single keys than a request may; name a range of them';
    requests.read(read);
  }
  return undefined;
}
