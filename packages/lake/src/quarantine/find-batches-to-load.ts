import { factsOf, type Model } from '@totesys/schema';
import { KeySet } from '../keys/key-set.ts';
import { readPartKeys, readPartRanges } from '../keys/part-keys.ts';
import type { ProcessedManifest } from '../manifests/manifest.ts';
import { findProcessedManifest, type ReadManifest } from '../manifests/read-manifest.ts';
import type { Store } from '../stores/store.ts';
import { type Discard, discardedIn, readDiscards } from './discards.ts';
import { beyondThreshold, findBeyondThreshold, isBeyondThreshold, type QuarantineCount } from './threshold.ts';

type Waiting = ReadManifest<ProcessedManifest>;

/** A batch's rows in quarantine: the keys that are still open, and how many are settled or discarded. */
interface OpenCount extends QuarantineCount {
  keys: KeySet;
  settled: number;
}

/**
 * Returns the batches that load together, in one transaction. This is the first batch alone, or, if it has too many
 * rows in quarantine, all batches up to the one by which enough of these rows are fixed or deleted, so that the
 * warehouse never shows the state between. If there is no such batch up to `until`, it throws QUARANTINE_THRESHOLD:
 * the operator fixes the source, discards the rows or accepts the batch.
 */
export async function findBatchesToLoad(
  { model, processed, until = Number.POSITIVE_INFINITY }: { model: Model; processed: Store; until?: number },
  first: Waiting,
): Promise<Waiting[]> {
  const group: Waiting[] = [];
  const open: OpenCount[] = [];
  let discards: Discard[] | undefined;
  let next: Waiting | undefined = first;
  while (next) {
    const { manifest }: Waiting = next;
    await settle(model, processed, manifest, open);
    for (const count of await findBeyondThreshold(processed, manifest)) {
      const each = { ...count, settled: 0, keys: await readQuarantinedRanges(processed, manifest, count.table) };
      discards ??= await readDiscards(processed);
      settleKeys(each, discardedIn(discards, count.table, count.batch));
      open.push(each);
    }
    group.push(next);
    if (!open.some(isStillBeyond)) return group;
    next = manifest.batch < until ? await findProcessedManifest(processed, manifest.batch + 1) : undefined;
  }
  const worst = open.find(isStillBeyond)!;
  throw beyondThreshold(worst, leftOf(worst));
}

function isStillBeyond(open: OpenCount): boolean {
  return isBeyondThreshold({ rows: open.rows, quarantined: leftOf(open) });
}

function leftOf({ quarantined, settled }: OpenCount): number {
  return quarantined - settled;
}

// Settles the rows that a batch carries without a fault, or names as deleted.
async function settle(model: Model, store: Store, manifest: ProcessedManifest, open: OpenCount[]): Promise<void> {
  for (const table of new Set(open.map((each) => each.table))) {
    const sought = open.filter((each) => each.table === table);
    const all = sought.reduce((keys, each) => keys.union(each.keys), KeySet.empty);
    let settled = KeySet.empty;
    for (const fact of factsOf(model).filter(({ source }) => source === table)) {
      const parts = manifest.parts.filter((part) => part.table === fact.name);
      settled = settled.union(await readPartKeys(store, parts, fact.key, all));
    }
    const rest = settled.minus(await readQuarantinedRanges(store, manifest, table));
    for (const each of sought) settleKeys(each, rest);
  }
}

function settleKeys(open: OpenCount, keys: KeySet): void {
  const left = open.keys.minus(keys);
  open.settled += open.keys.count - left.count;
  open.keys = left;
}

function readQuarantinedRanges(store: Store, manifest: ProcessedManifest, table: string): Promise<KeySet> {
  return readPartRanges(
    store,
    manifest.leftOut.filter((part) => part.table === table),
  );
}
