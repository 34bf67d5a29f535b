import { findPartOrigin, manifestKey, type StoredObject } from '@totesys/lake';
import { openSweepable, type Sweepable } from '@totesys/lake/sweepable';
import { checkManifests } from './check-manifests.ts';
import { isLeftover, type SweepRule } from './find-leftovers.ts';
import { readNamed } from './read-named.ts';

/** The keys in the result; the counts include all leftovers. */
const MOST_KEYS = 1_000;

/** The options of a sweep. */
export interface Sweeping {
  readonly olderThanMs: number;
  readonly isDatedByRun: boolean;
  /** Whether leftovers are removed or only counted. */
  readonly removes: boolean;
  readonly interrupted: AbortSignal;
  progress(what: 'manifests' | 'objects', count: number): void;
}

/** The leftovers of a lake, found and removed. */
export interface Swept {
  readonly store: string;
  readonly manifests: number;
  readonly objects: number;
  readonly leftovers: number;
  readonly bytes: number;
  readonly removed: number;
  readonly keys: readonly string[];
}

/** Sweeps the lake at a URI. */
export function sweepUri(uri: string, sweeping: Sweeping): Promise<Swept> {
  return sweepPlace(openSweepable(uri), sweeping);
}

/**
 * Finds the leftovers of a lake, then removes them if `removes` is set. It lists all objects before it removes the
 * first one, since an object may show that manifests are lost.
 */
export async function sweepPlace(place: Sweepable, sweeping: Sweeping): Promise<Swept> {
  const named = await readNamed(place.store, (count) => sweeping.progress('manifests', count));
  const rule: SweepRule = { ...sweeping, named, nowMs: await place.nowMs() };
  const leftovers: StoredObject[] = [];
  let [objects, furthest, removed] = [0, 0, 0];
  for await (const object of place.store.list('')) {
    sweeping.progress('objects', ++objects);
    furthest = Math.max(furthest, findPartOrigin(object.key)?.batch ?? 0);
    if (isLeftover(rule, object)) leftovers.push(object);
  }
  await checkManifests(place.store, named.newest, furthest);
  // A writer has a temporary file only while it writes one object.
  for await (const object of place.temporaries()) {
    if (rule.nowMs - object.writtenMs >= rule.olderThanMs) leftovers.push(object);
  }
  for (const object of sweeping.removes ? leftovers : []) {
    if (sweeping.interrupted.aborted) break;
    if (await isNamedByNow(place, named.newest, object)) continue;
    await place.remove(object.key);
    removed++;
  }
  return {
    store: place.store.uri,
    manifests: named.newest,
    objects,
    leftovers: leftovers.length,
    bytes: leftovers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    removed,
    keys: leftovers.slice(0, MOST_KEYS).map(({ key }) => key),
  };
}

// A batch may have been committed since the manifests were read.
async function isNamedByNow({ store }: Sweepable, newest: number, { key }: StoredObject): Promise<boolean> {
  const batch = findPartOrigin(key)?.batch ?? 0;
  return batch > newest && (await store.find(manifestKey(batch))) !== undefined;
}
