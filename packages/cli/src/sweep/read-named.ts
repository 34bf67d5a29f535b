import { findManifestBatch, MANIFEST_PREFIX, manifestKey, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { NamedObjects } from './named-objects.ts';

/** Manifests that are read at the same time. */
const READERS = 16;

/** What the manifests of a place say: its newest batch, and every part that any of them names. */
export interface NamedByManifests {
  readonly newest: number;
  readonly objects: NamedObjects;
}

/** Reads all manifests of a place. A gap between them throws: the parts of the batch that has lost its manifest would look like leftovers. */
export async function readNamed(store: Store, progress: (manifests: number) => void): Promise<NamedByManifests> {
  const objects = new NamedObjects();
  let newest = 0;
  let read = 0;
  const waiting = new Set<Promise<void>>();
  for await (const { key } of store.list(MANIFEST_PREFIX)) {
    const batch = findManifestBatch(key);
    if (batch === undefined) continue;
    if (batch !== newest + 1) throw missingManifest(store, newest + 1, batch);
    newest = batch;
    const reading = addNamed(store, batch, objects).then(() => {
      waiting.delete(reading);
      progress(++read);
    });
    // Rejects here below; until it is awaited it must not count as unhandled.
    reading.catch(() => {});
    waiting.add(reading);
    if (waiting.size >= READERS) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  return { newest, objects };
}

// The content as it is: parts that a newer version's manifest names are named, too.
async function addNamed(store: Store, batch: number, objects: NamedObjects): Promise<void> {
  const key = manifestKey(batch);
  const body = await store.get(key);
  try {
    const content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (content.batch !== batch) throw new Error(`it says that it is of batch ${content.batch}`);
    objects.addAll(content);
  } catch (cause) {
    throw new PipelineError(
      ErrorCode.MANIFEST_UNREADABLE,
      `Manifest '${key}' in ${store.uri} cannot be understood, so nothing says what it names. Restore it, then sweep again; nothing was removed.`,
      { context: { key, store: store.uri }, cause },
    );
  }
}

function missingManifest(store: Store, missing: number, found: number): PipelineError {
  return new PipelineError(
    ErrorCode.CHAIN_BROKEN,
    `Batch ${missing} has no manifest in ${store.uri}, though batch ${found} has: expected all of them, since its parts would be taken for leftovers. Restore '${manifestKey(missing)}', then sweep again; nothing was removed.`,
    { context: { store: store.uri, missing, found } },
  );
}
