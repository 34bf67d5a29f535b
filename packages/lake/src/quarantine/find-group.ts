import { factsOf, type Model } from '@totesys/schema';
import { KeySet } from '../keys/key-set.ts';
import { readPartKeys, readPartRanges } from '../keys/part-keys.ts';
import type { ProcessedManifest } from '../manifests/manifest.ts';
import { findProcessedManifest, type ReadManifest } from '../manifests/read-manifest.ts';
import type { Store } from '../stores/store.ts';
import { type Discard, discardedIn, readDiscards } from './discards.ts';
import { beyondThreshold, findBeyondThreshold, isBeyondThreshold, type LeftOut } from './threshold.ts';

type Waiting = ReadManifest<ProcessedManifest>;

/** Rows that a batch leaves out, with the keys that neither a batch behind it nor a person has settled so far, and how many are. */
interface Missing extends LeftOut {
  keys: KeySet;
  settled: number;
}

/**
 * The batches that load together, in one transaction: the one that waits, or, where it leaves out too many rows, all up to the one by which later
 * batches have brought them right or named them deleted, so that the warehouse goes from one whole state to the next. Where there is none
 * such, up to `until`, QUARANTINE_THRESHOLD is thrown: the batch waits for the source to be mended or for a person to accept it.
 */
export async function findGroup(
  { model, processed, until = Number.POSITIVE_INFINITY }: { model: Model; processed: Store; until?: number },
  first: Waiting,
): Promise<Waiting[]> {
  const group: Waiting[] = [];
  const missing: Missing[] = [];
  let discards: Discard[] | undefined;
  let next: Waiting | undefined = first;
  while (next) {
    const { manifest }: Waiting = next;
    await settle(model, processed, manifest, missing);
    for (const leftOut of await findBeyondThreshold(processed, manifest)) {
      const each = { ...leftOut, settled: 0, keys: await readLeftOut(processed, manifest, leftOut.table) };
      discards ??= await readDiscards(processed);
      take(each, discardedIn(discards, leftOut.table, leftOut.batch));
      missing.push(each);
    }
    group.push(next);
    if (!missing.some(isStillBeyond)) return group;
    next = manifest.batch < until ? await findProcessedManifest(processed, manifest.batch + 1) : undefined;
  }
  const worst = missing.find(isStillBeyond)!;
  throw beyondThreshold(worst, leftOf(worst));
}

function isStillBeyond(missing: Missing): boolean {
  return isBeyondThreshold({ rows: missing.rows, quarantined: leftOf(missing) });
}

function leftOf({ quarantined, settled }: Missing): number {
  return quarantined - settled;
}

// Takes the rows off that a batch brings right, or names as deleted.
async function settle(model: Model, store: Store, manifest: ProcessedManifest, missing: Missing[]): Promise<void> {
  for (const table of new Set(missing.map((each) => each.table))) {
    const sought = missing.filter((each) => each.table === table);
    const all = sought.reduce((keys, each) => keys.union(each.keys), KeySet.empty);
    let settled = KeySet.empty;
    for (const fact of factsOf(model).filter(({ source }) => source === table)) {
      const parts = manifest.parts.filter((part) => part.table === fact.name);
      settled = settled.union(await readPartKeys(store, parts, fact.key, all));
    }
    const rest = settled.minus(await readLeftOut(store, manifest, table));
    for (const each of sought) take(each, rest);
  }
}

function take(missing: Missing, keys: KeySet): void {
  const left = missing.keys.minus(keys);
  missing.settled += missing.keys.count - left.count;
  missing.keys = left;
}

function readLeftOut(store: Store, manifest: ProcessedManifest, table: string): Promise<KeySet> {
  return readPartRanges(
    store,
    manifest.leftOut.filter((part) => part.table === table),
  );
}
