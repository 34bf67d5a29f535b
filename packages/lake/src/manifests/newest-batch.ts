import { findManifestBatch, MANIFEST_PREFIX, manifestKey } from '../key-layout.ts';
import type { Store } from '../stores/store.ts';

/** Manifests in one answer to a listing: what S3 returns at most. */
const PAGE = 1000;
/** Factor by which the steps grow: a larger one overshoots further, a smaller one takes more requests. */
const STRIDE = 4;
/** Batches up to which a folder is listed as a whole, which takes milliseconds and sees every manifest. */
const LISTED_BATCHES = 5_000;
/** Keys that a probe tries in turn, so that a few lost manifests in the middle of a lake do not look like its end. */
const PROBED_KEYS = 8;
/**
 * The longest run of lost manifests that a search of a folder skips, if as many batches follow: two years with a batch
 * each minute.
 */
const LONGEST_HOLE = 2 ** 20;

/** The newest batch of each store at its last search: where a warm Lambda begins the next one. */
const newestSeen = new WeakMap<Store, number>();

type Probe = NonNullable<Store['probe']>;
/** Returns the last committed batch of the `limit` that follow `after`, or `after` if none does. */
type FindLast = (after: number, limit: number) => Promise<number>;

/**
 * Returns the newest committed batch, 0 if there is none; `after` is a batch known to be committed. With a million
 * batches, the first search of a bucket takes some 20 requests and each later one a single request; a folder takes
 * some hundred probes of single keys.
 */
export async function findNewestBatch(store: Store, after = 0): Promise<number> {
  const seen = newestSeen.get(store) ?? 0;
  // Begins before the batch seen last: if the lake has lost it, the search starts again from `after`.
  const near = seen > after ? await searchNewest(store, seen - 1) : 0;
  const newest = near > 0 && near >= seen ? near : await searchNewest(store, after);
  newestSeen.set(store, newest);
  return newest;
}

async function searchNewest(store: Store, after: number): Promise<number> {
  const { probe } = store;
  if (!probe) return await gallop(after, (from, limit) => listLast(store, from, limit), PAGE);
  const find: FindLast = (from, limit) => probeLast(probe, from, limit);
  const newest = await gallop(after, find, PROBED_KEYS);
  if (newest <= LISTED_BATCHES) return await listLast(store, after);
  return after > LISTED_BATCHES ? newest : await passHoles(newest, probe, find);
}

// A search may end at a hole of lost manifests; a longer step finds batches after it. A new batch must not get the
// number of a lost one.
async function passHoles(newest: number, probe: Probe, find: FindLast): Promise<number> {
  for (let step = 2 * PROBED_KEYS; step <= LONGEST_HOLE; step *= 2) {
    if (!(await probe(manifestKey(newest + step)))) continue;
    return await passHoles(await gallop(newest + step, find, PROBED_KEYS), probe, find);
  }
  return newest;
}

// `window` is the number of batches that one call of `findLast` covers.
async function gallop(after: number, findLast: FindLast, window: number): Promise<number> {
  let low = await findLast(after, window);
  if (low - after < window) return low;
  let step = window;
  let high = low + step;
  for (let next = await findLast(high, 1); next > high; next = await findLast(high, 1)) {
    low = next;
    step *= STRIDE;
    high = low + step;
  }
  // From here on `low` is committed, and no batch after `high` is.
  while (high - low > window) {
    const middle = Math.floor((low + high) / 2);
    const next = await findLast(middle, 1);
    if (next > middle) low = next;
    else high = middle;
  }
  return await findLast(low, window);
}

// Other objects among the manifests, such as `0000000042.json.bak`, do not count, or the search would end at one of
// them.
async function listLast(store: Store, after: number, limit = Number.POSITIVE_INFINITY): Promise<number> {
  let last = after;
  let [from, left] = [manifestKey(after), limit];
  while (left > 0) {
    const wanted = left;
    let listed = 0;
    for await (const { key } of store.list(MANIFEST_PREFIX, { after: from, limit: wanted })) {
      from = key;
      listed++;
      const batch = findManifestBatch(key);
      if (batch === undefined) continue;
      last = batch;
      left--;
    }
    if (listed < wanted) break;
  }
  return last;
}

async function probeLast(probe: Probe, after: number, limit: number): Promise<number> {
  let last = after;
  for (let batch = after + 1; batch <= last + PROBED_KEYS; batch++) {
    if (!(await probe(manifestKey(batch)))) continue;
    last = batch;
    if (last - after >= limit) break;
  }
  return last;
}
