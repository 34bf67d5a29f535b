import type { z } from 'zod';
import { manifestKey } from '../key-layout.ts';
import { sha256Of } from '../parts/part.ts';
import { FROM_BACKUP } from '../stores/from-backup.ts';
import { objectMissing } from '../stores/object-missing.ts';
import type { PutOutcome, Store } from '../stores/store.ts';
import { checkFormat, unreadable } from './lake-format.ts';
import {
  type IngestionManifest,
  ingestionManifest,
  type Manifest,
  type ProcessedManifest,
  processedManifest,
} from './manifest.ts';

/** The remedy for a manifest whose bytes are not those that were written. */
const RESTORE = `Restore it ${FROM_BACKUP}.`;

/** A manifest with the SHA-256 of its object, by which its successor names it. */
export interface ReadManifest<M extends Manifest = Manifest> {
  readonly manifest: M;
  readonly sha256: string;
}

/**
 * Writes a manifest, which commits its batch, unless the batch has one. 'same' may be the result of the caller's own
 * first attempt.
 */
export async function writeManifest(
  store: Store,
  manifest: Manifest,
): Promise<{ outcome: PutOutcome; sha256: string }> {
  // The schema refuses a manifest that could not be read again, and orders the fields.
  const schema = manifest.kind === 'ingestion' ? ingestionManifest : processedManifest;
  const body = Buffer.from(`${JSON.stringify(schema.parse(manifest), null, 2)}\n`);
  return { outcome: await store.putIfAbsent(manifestKey(manifest.batch), body), sha256: sha256Of(body) };
}

/** Reads the manifest of a batch of the ingestion lake; throws OBJECT_MISSING if the batch is not committed. */
export async function readIngestionManifest(store: Store, batch: number): Promise<ReadManifest<IngestionManifest>> {
  return present(store, batch, await findIngestionManifest(store, batch));
}

/** Reads the manifest of a batch of the ingestion lake; undefined if the batch is not committed. */
export function findIngestionManifest(
  store: Store,
  batch: number,
): Promise<ReadManifest<IngestionManifest> | undefined> {
  return findManifest(store, batch, 'ingestion', ingestionManifest);
}

/** Reads the manifest of a batch of the processed lake; throws OBJECT_MISSING if the batch is not committed. */
export async function readProcessedManifest(store: Store, batch: number): Promise<ReadManifest<ProcessedManifest>> {
  return present(store, batch, await findProcessedManifest(store, batch));
}

/** Reads the manifest of a batch of the processed lake; undefined if the batch is not committed. */
export function findProcessedManifest(
  store: Store,
  batch: number,
): Promise<ReadManifest<ProcessedManifest> | undefined> {
  return findManifest(store, batch, 'processed', processedManifest);
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
    throw unreadable(store, key, `does not match the schema of a manifest (${faults.join('; ')}). ${RESTORE}`);
  }
  if (parsed.data.batch !== batch) {
    throw unreadable(store, key, `names another batch: expected ${batch}, got ${parsed.data.batch}. ${RESTORE}`);
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
    throw unreadable(store, key, `is not JSON; it may be cut off. ${RESTORE}`, error);
  }
}

// If the two places are exchanged, a list of the schema's faults would not explain it.
function checkKind(store: Store, key: string, content: unknown, expected: Manifest['kind']): void {
  const { kind } = (content ?? {}) as { kind?: unknown };
  if (kind === expected || (kind !== 'ingestion' && kind !== 'processed')) return;
  throw unreadable(
    store,
    key,
    `is of the ${kind} lake: expected one of the ${expected} lake. Check that the two places are not exchanged.`,
  );
}
