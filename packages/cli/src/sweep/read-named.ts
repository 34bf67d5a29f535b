import { FROM_BACKUP, findManifestBatch, MANIFEST_PREFIX, manifestKey, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { NamedObjects } from './named-objects.ts';

/** Manifests that are read at the same time. */
const READERS = 16;

/** The newest batch of a lake, and every part that any of its manifests names. */
export interface NamedByManifests {
  readonly newest: number;
  readonly objects: NamedObjects;
}

/** Reads all manifests of a lake. Throws at a gap: the parts of a lost manifest would look like leftovers. */
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
    // It is awaited below; until then a rejection must not count as unhandled.
    reading.catch(() => {});
    waiting.add(reading);
    if (waiting.size >= READERS) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  return { newest, objects };
}

// Parses the content without its schema, so that a manifest of a newer version is understood too.
async function addNamed(store: Store, batch: number, objects: NamedObjects): Promise<void> {
  const key = manifestKey(batch);
  const body = await store.get(key);
  try {
    const content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (content.batch !== batch) throw new Error(`its batch is ${content.batch}`);
    objects.addAll(content);
  } catch (cause) {
    throw new PipelineError(
      ErrorCode.MANIFEST_UNREADABLE,
      `Manifest '${key}' in ${store.uri} cannot be read: expected JSON with batch ${batch}. ` +
        'Nothing was removed, since the parts that it names are not known. ' +
        `Restore it ${FROM_BACKUP}, then sweep again.`,
      { context: { key, store: store.uri }, cause },
    );
  }
}

function missingManifest(store: Store, missing: number, found: number): PipelineError {
  return new PipelineError(
    ErrorCode.CHAIN_BROKEN,
    `Batch ${missing} has no manifest in ${store.uri}, but batch ${found} has one: expected no gap. ` +
      'Nothing was removed, since the parts of a lost manifest would look like leftovers. ' +
      `Restore '${manifestKey(missing)}' ${FROM_BACKUP}, then sweep again.`,
    { context: { store: store.uri, missing, found } },
  );
}
