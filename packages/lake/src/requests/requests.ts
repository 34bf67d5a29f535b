import { ErrorCode, PipelineError } from '@totesys/runtime';
import { findRequestId, findRequestNumber, formatRequest, REQUEST_PREFIX, requestKey } from '../key-layout.ts';
import type { IngestionManifest, RequestState } from '../manifests/manifest.ts';
import { findNewestBatch } from '../manifests/newest-batch.ts';
import { readIngestionManifest } from '../manifests/read-manifest.ts';
import type { Store, StoredObject } from '../stores/store.ts';
import { MOST_REQUEST_BYTES, type Request, request } from './request.ts';

/** Attempts when other requests take the number first. */
const MAX_RACES = 100;

/**
 * Files a request under the next free number and returns its id; the same request filed twice at once is one request.
 */
export async function writeRequest(store: Store, asked: Request): Promise<string> {
  const body = encodeRequest(asked);
  for (let race = 0; race < MAX_RACES; race++) {
    const id = formatRequest((await findNewestRequest(store)) + 1);
    if ((await store.putIfAbsent(requestKey(id), body)) !== 'conflict') return id;
  }
  throw new PipelineError(
    ErrorCode.OBJECT_CONFLICT,
    `A request cannot be filed in ${store.uri}: expected a free number, got one that another request took first, ` +
      `${MAX_RACES} times. Find what files so many requests, then file it again.`,
  );
}

/** Reads a request; undefined if there is none, or none that this version can parse. */
export async function findRequest(store: Store, id: string): Promise<Request | undefined> {
  const body = await store.find(requestKey(id));
  return body && parseRequest(body);
}

/** Returns the request in these bytes; undefined if they cannot be parsed. */
export function parseRequest(body: Uint8Array): Request | undefined {
  if (body.length > MOST_REQUEST_BYTES) return undefined;
  try {
    return request.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))).data;
  } catch {
    return undefined;
  }
}

/**
 * A request that no batch has answered completely, as the newest batch left it, and its object unless it is removed.
 */
export interface OpenRequest {
  readonly open: RequestState['open'][number];
  readonly object?: StoredObject;
}

/**
 * Returns which requests the batches up to a manifest have answered; none without a batch or before the first request.
 */
export function requestStateOf(manifest: IngestionManifest | undefined): RequestState {
  return manifest?.requestState ?? { through: 0, named: [], open: [] };
}

/** Lists the requests that a batch left open, then those filed since. */
export async function* listOpenRequests(store: Store, before: RequestState): AsyncGenerator<OpenRequest> {
  for (const open of before.open) {
    let found: StoredObject | undefined;
    const key = requestKey(open.id);
    // The listing may return another key that begins with this one: a renamed request is withdrawn.
    for await (const object of store.list(key, { limit: 1 })) if (object.key === key) found = object;
    yield { open, ...(found && { object: found }) };
  }
  const done = new Set([...before.named, ...before.open.map(({ id }) => id)]);
  for await (const object of store.list(REQUEST_PREFIX, { after: requestKey(formatRequest(before.through)) })) {
    const id = findRequestId(object.key);
    if (id !== undefined && !done.has(id)) yield { open: { id, done: {} }, object };
  }
}

// A request that ingest could not parse is not filed.
function encodeRequest(asked: Request): Uint8Array {
  const parsed = request.safeParse(asked);
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
    throw new PipelineError(
      ErrorCode.REQUEST_UNFIT,
      `A request does not match the schema (${faults.join('; ')}). Nothing was filed. Correct it.`,
    );
  }
  const body = Buffer.from(`${JSON.stringify(parsed.data)}\n`);
  if (body.length <= MOST_REQUEST_BYTES) return body;
  throw new PipelineError(
    ErrorCode.REQUEST_UNFIT,
    `A request is ${body.length} bytes long: expected at most ${MOST_REQUEST_BYTES}. ` +
      'Name wider ranges of keys, or file several requests.',
  );
}

// Answered requests count, too: the number of a request whose object was deleted is not used again.
async function findNewestRequest(store: Store): Promise<number> {
  const batch = await findNewestBatch(store);
  const answered = batch === 0 ? undefined : (await readIngestionManifest(store, batch)).manifest.requestState;
  let newest = answered?.through ?? 0;
  for await (const { key } of store.list(REQUEST_PREFIX, { after: requestKey(formatRequest(newest)) })) {
    newest = findRequestNumber(key) ?? newest;
  }
  return newest;
}
