import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { z } from 'zod';
import { findManifestBatch, MANIFEST_PREFIX, manifestKey } from './keys.ts';
import {
  type IngestionManifest,
  ingestionManifest,
  MANIFEST_FORMAT,
  type Manifest,
  type ProcessedManifest,
  processedManifest,
} from './manifest.ts';
import { objectMissing } from './object-missing.ts';
import { sha256Of } from './part.ts';
import type { PutOutcome, Store } from './store.ts';

/** A manifest with the SHA-256 of its object, by which its successor names it. */
export interface ReadManifest<M extends Manifest = Manifest> {
  readonly manifest: M;
  readonly sha256: string;
}

/** Writes a manifest, which commits its batch, unless the batch has one. 'same' may be one's own first try. */
export async function writeManifest(
  store: Store,
  manifest: Manifest,
): Promise<{ outcome: PutOutcome; sha256: string }> {
  // Through the schema, so that nothing is written which could not be read, with fields in its order.
  const schema = manifest.kind === 'ingestion' ? ingestionManifest : processedManifest;
  const body = Buffer.from(`${JSON.stringify(schema.parse(manifest), null, 2)}\n`);
  return { outcome: await store.putIfAbsent(manifestKey(manifest.batch), body), sha256: sha256Of(body) };
}

/** The manifest of a batch of the ingestion lake; one that is not there is OBJECT_MISSING. */
export async function readIngestionManifest(store: Store, batch: number): Promise<ReadManifest<IngestionManifest>> {
  return present(store, batch, await findIngestionManifest(store, batch));
}

/** The manifest of a batch of the ingestion lake, or undefined where the batch is not committed. */
export function findIngestionManifest(
  store: Store,
  batch: number,
): Promise<ReadManifest<IngestionManifest> | undefined> {
  return findManifest(store, batch, 'ingestion', ingestionManifest);
}

/** The manifest of a batch of the processed lake; one that is not there is OBJECT_MISSING. */
export async function readProcessedManifest(store: Store, batch: number): Promise<ReadManifest<ProcessedManifest>> {
  return present(store, batch, await findProcessedManifest(store, batch));
}

/** The manifest of a batch of the processed lake, or undefined where the batch is not committed. */
export function findProcessedManifest(
  store: Store,
  batch: number,
): Promise<ReadManifest<ProcessedManifest> | undefined> {
  return findManifest(store, batch, 'processed', processedManifest);
}

/** How many manifests one request brings where few are expected, and at the end of a search: what S3 gives at most. */
const PAGE = 1000;
/** How fast the search strides ahead: a longer stride overshoots further, a shorter one takes more requests. */
const STRIDE = 4;

/** The batch that each store had as its newest when it was last asked: where a warm Lambda begins its next search. */
const newestSeen = new WeakMap<Store, number>();

/**
 * The newest committed batch, 0 when there is none; `after` is one known to be committed. Some 20 requests for a million batches the
 * first time that a store is asked, one from then on.
 */
export async function findNewestBatch(store: Store, after = 0): Promise<number> {
  const seen = newestSeen.get(store) ?? 0;
  // From the one before, so that a lake which has lost what was seen is noticed, and searched as if for the first time.
  const near = seen > after ? await searchNewest(store, seen - 1) : 0;
  const newest = near > 0 && near >= seen ? near : await searchNewest(store, after);
  newestSeen.set(store, newest);
  return newest;
}

async function searchNewest(store: Store, after: number): Promise<number> {
  let low = await lastOfPage(store, after, PAGE);
  if (low - after < PAGE) return low;
  let step = PAGE;
  let high = low + step;
  for (let next = await lastOfPage(store, high, 1); next > high; next = await lastOfPage(store, high, 1)) {
    low = next;
    step *= STRIDE;
    high = low + step;
  }
  // From here on `low` is committed, and nothing behind `high` is.
  while (high - low > PAGE) {
    const middle = Math.floor((low + high) / 2);
    const next = await lastOfPage(store, middle, 1);
    if (next > middle) low = next;
    else high = middle;
  }
  return await lastOfPage(store, low, PAGE);
}

// The last of the `limit` batches that follow `after`; `after` itself where none does.
async function lastOfPage(store: Store, after: number, limit: number): Promise<number> {
  let last = after;
  for await (const { key } of store.list(MANIFEST_PREFIX, { after: manifestKey(after), limit })) {
    last = findManifestBatch(key) ?? last;
  }
  return last;
}

async function findManifest<M extends Manifest>(
  store: Store,
  batch: number,
  kind: M['kind'],
  schema: z.ZodType<M>,
): Promise<ReadManifest<M> | undefined> {
  const key = manifestKey(batch);
  const body = await store.find(key);
  if (!body) return undefined;
  const content = parseJson(store, key, body);
  checkFormat(store, key, content);
  checkKind(store, key, content, kind);
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
    throw unreadable(store, key, `is not what a manifest looks like (${faults.join('; ')}). Restore it.`);
  }
  if (parsed.data.batch !== batch) {
    throw unreadable(store, key, `says that it is of batch ${parsed.data.batch}, expected ${batch}. Restore it.`);
  }
  return { manifest: parsed.data, sha256: sha256Of(body) };
}

function present<M>(store: Store, batch: number, found: M | undefined): M {
  if (found === undefined) throw objectMissing(store.uri, manifestKey(batch));
  return found;
}

function parseJson(store: Store, key: string, body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw unreadable(store, key, 'is not JSON; it may be cut off. Restore it.', error);
  }
}

function checkFormat(store: Store, key: string, content: unknown): void {
  const { format, codeVersion } = (content ?? {}) as { format?: unknown; codeVersion?: unknown };
  if (typeof format !== 'number' || format <= MANIFEST_FORMAT) return;
  const [writer, remedy] =
    typeof codeVersion === 'string'
      ? [`version ${codeVersion}`, `Deploy version ${codeVersion}, or a newer one.`]
      : ['a newer version', 'Deploy a newer version.'];
  throw unreadable(
    store,
    key,
    `was written by ${writer} in format ${format}; this version reads formats up to ${MANIFEST_FORMAT}. ${remedy}`,
  );
}

// What the other lake's manifest lacks of this one's would say nothing to whoever has taken one for the other.
function checkKind(store: Store, key: string, content: unknown, expected: Manifest['kind']): void {
  const { kind } = (content ?? {}) as { kind?: unknown };
  if (kind === expected || (kind !== 'ingestion' && kind !== 'processed')) return;
  throw unreadable(
    store,
    key,
    `is of the ${kind} lake: expected one of the ${expected} lake. See that neither place is given for the other.`,
  );
}

function unreadable(store: Store, key: string, fault: string, cause?: unknown): PipelineError {
  return new PipelineError(ErrorCode.MANIFEST_UNREADABLE, `Manifest '${key}' in ${store.uri} ${fault}`, {
    context: { key, store: store.uri },
    cause,
  });
}
