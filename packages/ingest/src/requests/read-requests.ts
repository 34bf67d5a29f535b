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

/** Bytes of requests that one run takes in: what is behind them waits for the next. */
const MOST_RUN_BYTES = 8 * MOST_REQUEST_BYTES;

type Open = RequestState['open'][number];

/** Reads the requests that no batch has answered to the end. One that cannot be understood is told and left, and blocks nothing. */
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
      // A new one is found again; what is open must not be forgotten.
      if (!before.open.includes(open)) break;
      requests.postpone(open);
      continue;
    }
    if (!object) {
      // Whoever removed it has withdrawn it.
      telemetry.info('request:withdrawn', { request: open.id });
      continue;
    }
    bytes += Math.min(object.sizeBytes, MOST_REQUEST_BYTES);
    const fault = await take(requests, store, model, open, object);
    if (fault === undefined) continue;
    telemetry.warn('request:unreadable', { request: open.id, fault });
    requests.leave(open, fault);
  }
  return requests;
}

// Takes one request, or says why it cannot be answered.
async function take(
  requests: Requests,
  store: Store,
  model: Model,
  { id, done }: Open,
  object: StoredObject,
): Promise<string | undefined> {
  if (object.sizeBytes > MOST_REQUEST_BYTES) {
    return `is ${object.sizeBytes} bytes long, expected at most ${MOST_REQUEST_BYTES}`;
  }
  const asked = parseRequest(await store.get(object.key));
  if (!asked) return 'is nothing that this version understands';
  const tables = asked.kind === 'read' ? asked.tables.map(({ table }) => table) : [asked.table];
  const unknown = tables.find((table) => !model.source.some(({ name }) => name === table));
  if (unknown !== undefined) return `names table '${unknown}', which the model has not`;
  if (asked.kind === 'accept-deletes') requests.accept(id, asked.table);
  else {
    const read = new OpenRead(id, model, asked, done);
    if (read.isTooLarge) return 'names more keys one by one than a request may; ask for a range of them';
    requests.read(read);
  }
  return undefined;
}
