import { findManifestBatch, findNewestBatch, manifestKey, memoryStore, type Store } from '../../src/index.ts';
import type { MemoryObjects } from '../../src/stores/memory-store.ts';
import { storeWith } from '../store-with.ts';

describe('the newest batch', () => {
  test.each([0, 1, 2, 999, 1_000, 1_001, 1_999, 2_000, 2_001, 6_000, 6_001, 123_456, 1_000_000])(
    'is found among %i',
    async (batches) => {
      const { store, requests } = pretending(batches);
      expect(await findNewestBatch(store)).toBe(batches);
      expect(requests()).toBeLessThanOrEqual(batches < 1_000 ? 1 : 20);
    },
  );

  test('is found at once from one that is nearly as new', async () => {
    const { store, requests } = pretending(1_000_000);
    expect(await findNewestBatch(store, 999_990)).toBe(1_000_000);
    expect(await findNewestBatch(store, 1_000_000)).toBe(1_000_000);
    expect(requests()).toBe(2);
  });

  test('is found by one request where the store was asked before', async () => {
    const { store, requests } = pretending(123_456);
    await findNewestBatch(store);
    const first = requests();
    expect(await findNewestBatch(store)).toBe(123_456);
    expect(requests() - first).toBe(1);
  });

  test('is found again where the lake has lost its newest batches, and where it has new ones', async () => {
    const objects: MemoryObjects = new Map();
    const store = memoryStore('memory://lake', objects);
    const commit = (batch: number) => store.putIfAbsent(manifestKey(batch), Buffer.from('{}'));
    for (const batch of [1, 2, 3]) await commit(batch);
    expect(await findNewestBatch(store)).toBe(3);
    objects.delete(manifestKey(3));
    expect(await findNewestBatch(store)).toBe(2);
    objects.clear();
    expect(await findNewestBatch(store)).toBe(0);
    for (const batch of [1, 2, 3, 4]) await commit(batch);
    expect(await findNewestBatch(store)).toBe(4);
  });

  test('is found in a real listing, beside other objects', async () => {
    const store = memoryStore();
    for (const batch of [1, 2, 3]) await store.putIfAbsent(manifestKey(batch), Buffer.from('{}'));
    await store.putIfAbsent('_requests/1.json', Buffer.from('{}'));
    await store.putIfAbsent('address/a.parquet', Buffer.from(''));
    expect(await findNewestBatch(store)).toBe(3);
  });
});

// A search looks at multiples of 500.
test('other objects among the manifests of a bucket hide no batch', async () => {
  for (const at of [0, 1, 2, 250, 499]) {
    for (const names of [['.json.bak'], ['.json.1', '.json.2', '.json~']]) {
      const { store } = pretending(12_000, (batch) => (batch % 500 === at ? names : []));
      expect([at, await findNewestBatch(store)]).toEqual([at, 12_000]);
      expect(await findNewestBatch(store)).toBe(12_000);
    }
  }
});

describe('the newest batch of a folder', () => {
  test.each([0, 1, 8, 9, 4_999, 5_000])('of %i batches is found in one listing', async (batches) => {
    const { store, probes, listings } = probed(batches);
    expect(await findNewestBatch(store)).toBe(batches);
    expect(listings()).toBe(1);
    expect(probes()).toBeLessThan(150);
  });

  test.each([5_001, 6_531, 525_600, 1_000_000])('of %i batches is found by single keys', async (batches) => {
    const { store, probes, listings } = probed(batches);
    expect(await findNewestBatch(store)).toBe(batches);
    expect(listings()).toBe(0);
    expect(probes()).toBeLessThan(200);
  });

  test('is found again by a few keys', async () => {
    const { store, probes } = probed(525_600);
    await findNewestBatch(store);
    const first = probes();
    expect(await findNewestBatch(store)).toBe(525_600);
    expect(probes() - first).toBeLessThan(20);
  });

  test('is found beyond manifests that the folder has lost', async () => {
    const meets = await searchOf(20_000);
    for (let lost = 1; lost < 20_000; lost += 7) {
      if (!meets(lost, 7)) continue;
      const { store } = probed(20_000, (batch) => batch >= lost && batch < lost + 7);
      expect([lost, await findNewestBatch(store)]).toEqual([lost, 20_000]);
    }
  });

  test('is found beyond a hole that is as long as what follows it', async () => {
    const meets = await searchOf(30_000);
    for (const length of [8, 100, 1_000, 9_000]) {
      for (let lost = 5_001; lost + 2 * length <= 30_000; lost += Math.ceil(length / 3) + 40) {
        if (!meets(lost, length)) continue;
        const { store } = probed(30_000, (batch) => batch >= lost && batch < lost + length);
        expect([length, lost, await findNewestBatch(store)]).toEqual([length, lost, 30_000]);
      }
    }
  });
});

// Returns whether a search among so many batches looks at one of the `length` batches from `first` on. Where it does not,
// it cannot see that they are lost.
async function searchOf(batches: number) {
  const met: number[] = [];
  const { store } = probed(batches, (batch) => {
    met.push(batch);
    return false;
  });
  await findNewestBatch(store);
  return (first: number, length: number) => met.some((batch) => batch >= first && batch < first + length);
}

// A folder that seems to have so many batches, without the lost ones; it counts its probes and listings.
function probed(batches: number, isLost: (batch: number) => boolean = () => false) {
  let [probes, listings] = [0, 0];
  const store = storeWith(memoryStore(), {
    probe: async (key) => {
      probes++;
      const batch = findManifestBatch(key)!;
      return batch <= batches && !isLost(batch);
    },
    async *list(_, { after = '' } = {}) {
      listings++;
      for (let batch = (findManifestBatch(after) ?? 0) + 1; batch <= batches; batch++) {
        if (!isLost(batch)) yield { key: manifestKey(batch), sizeBytes: 1, writtenMs: 0 };
      }
    },
  });
  return { store, probes: () => probes, listings: () => listings };
}

// A store that lists the manifests of as many batches, and counts its requests as S3 does: one for each thousand keys.
function pretending(
  batches: number,
  others: (batch: number) => readonly string[] = () => [],
): { store: Store; requests: () => number } {
  let requests = 0;
  const store = storeWith(memoryStore(), {
    async *list(prefix, { after = '', limit = Number.POSITIVE_INFINITY } = {}) {
      expect(prefix).toBe('_manifests/');
      requests++;
      const first = Number(after.slice(prefix.length, prefix.length + 10));
      for (let batch = first, listed = 0; batch <= batches; batch++) {
        const key = manifestKey(batch);
        for (const each of batch === 0 ? [] : [key, ...others(batch).map((name) => key.replace('.json', name))]) {
          if (each <= after) continue;
          if (listed === limit) return;
          if (listed > 0 && listed % 1_000 === 0) requests++;
          listed++;
          yield { key: each, sizeBytes: 1, writtenMs: 0 };
        }
      }
    },
  });
  return { store, requests: () => requests };
}
