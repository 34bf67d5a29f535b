import { findPartPlace, manifestKey, type StoredObject } from '@totesys/lake';
import { openSweepable, type Sweepable } from '@totesys/lake/sweepable';
import { checkManifests } from './check-manifests.ts';
import { isLeftover, type SweepRule } from './find-leftovers.ts';
import { readNamed } from './read-named.ts';

/** Keys that are named one by one; the counts have them all. */
const MOST_NAMED = 1_000;

/** How a place is swept. */
export interface Sweeping {
  readonly olderThanMs: number;
  readonly isDatedByRun: boolean;
  /** Without it, leftovers are found and stay. */
  readonly removes: boolean;
  readonly interrupted: AbortSignal;
  progress(what: 'manifests' | 'objects', count: number): void;
}

/** What was found in a place, and what of it is gone. */
export interface Swept {
  readonly store: string;
  readonly manifests: number;
  readonly objects: number;
  readonly leftovers: number;
  readonly bytes: number;
  readonly removed: number;
  readonly keys: readonly string[];
}

/** Sweeps the place that a URI names. */
export function sweepUri(uri: string, sweeping: Sweeping): Promise<Swept> {
  return sweepPlace(openSweepable(uri), sweeping);
}

/**
 * Finds what no manifest of a place names and is old enough, then removes it where that is asked for: nothing goes before all has been looked at,
 * since what lies there may show that manifests are lost.
 */
export async function sweepPlace(place: Sweepable, sweeping: Sweeping): Promise<Swept> {
  const named = await readNamed(place.store, (count) => sweeping.progress('manifests', count));
  const rule: SweepRule = { ...sweeping, named, nowMs: await place.nowMs() };
  const leftovers: StoredObject[] = [];
  let [objects, furthest, removed] = [0, 0, 0];
  for await (const object of place.store.list('')) {
    sweeping.progress('objects', ++objects);
    furthest = Math.max(furthest, findPartPlace(object.key)?.batch ?? 0);
    if (isLeftover(rule, object)) leftovers.push(object);
  }
  await checkManifests(place.store, named.newest, furthest);
  // A writer keeps its temporary for as long as it writes one object.
  for await (const object of place.temporaries()) {
    if (rule.nowMs - object.writtenMs >= rule.olderThanMs) leftovers.push(object);
  }
  for (const object of sweeping.removes ? leftovers : []) {
    if (sweeping.interrupted.aborted) break;
    if (await isNamedMeanwhile(place, named.newest, object)) continue;
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
    keys: leftovers.slice(0, MOST_NAMED).map(({ key }) => key),
  };
}

// A batch that was committed while its neighbours were looked at.
async function isNamedMeanwhile({ store }: Sweepable, newest: number, { key }: StoredObject): Promise<boolean> {
  const batch = findPartPlace(key)?.batch ?? 0;
  return batch > newest && (await store.find(manifestKey(batch))) !== undefined;
}
