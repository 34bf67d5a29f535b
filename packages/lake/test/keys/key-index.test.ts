import {
  buildIndexes,
  coarseRanges,
  findBatchesOfKey,
  type IngestionManifest,
  indexRows,
  KeySet,
  keysOfBatch,
  memoryStore,
  partFolder,
  type Store,
  writeManifest,
  writePart,
} from '../../src/index.ts';
import type { MemoryObjects } from '../../src/stores/memory-store.ts';
import { ingestionManifest } from '../ingestion-manifest.ts';
import { recordingStore } from '../recording-store.ts';

const NEWEST = 600;
const CLOCK = '2026-11-22T10:00:00.000000';
const part = { key: 'part', rows: 1, bytes: 1, sha256: 'ab'.repeat(32) };
const objects: MemoryObjects = new Map();

/** Batch N changes order N and, in each fiftieth batch, order 7; every hundredth deletes order N / 100. */
beforeAll(async () => {
  const store = memoryStore('memory://lake', objects);
  for (let batch = 1; batch <= NEWEST; batch++) {
    const keys: [number, number][] =
      batch % 50 === 0
        ? [
            [7, 7],
            [batch, batch],
          ]
        : [[batch, batch]];
    const manifest = ingestionManifest({
      batch,
      parts: [{ ...part, table: 'sales_order', role: 'changed', keys }],
      deleted: batch % 100 === 0 ? [{ ...part, table: 'sales_order', keys: [[batch / 100, batch / 100]] }] : [],
      quarantined: batch === 599 ? [{ ...part, table: 'payment', keys: [[7, 7]] }] : [],
    });
    await writeManifest(store, { ...manifest, ...(await indexed(store, manifest)) });
  }
});

test('finds the batches of a key, whatever brings it', async () => {
  const store = memoryStore('memory://lake', objects);
  const fifties = Array.from({ length: 12 }, (_, i) => 50 * (i + 1));
  expect(await findBatchesOfKey(store, NEWEST, 'sales_order', 7)).toEqual([7, ...fifties]);
  expect(await findBatchesOfKey(store, NEWEST, 'sales_order', 3)).toEqual([3, 300]);
  expect(await findBatchesOfKey(store, NEWEST, 'sales_order', 333)).toEqual([333]);
  expect(await findBatchesOfKey(store, NEWEST, 'payment', 7)).toEqual([599]);
  expect(await findBatchesOfKey(store, NEWEST, 'sales_order', 9_999)).toEqual([]);
  expect(await findBatchesOfKey(store, 299, 'sales_order', 3)).toEqual([3]);
  expect(await findBatchesOfKey(store, 0, 'sales_order', 3)).toEqual([]);
});

test('reads a few manifests and indexes, and no part', async () => {
  const requests: string[] = [];
  await findBatchesOfKey(recordingStore(memoryStore('memory://lake', objects), requests), NEWEST, 'sales_order', 7);
  // 600 is two spans of 256, five of 16 and eight single batches.
  expect(requests.filter((request) => request.startsWith('find _manifests/'))).toHaveLength(15);
  expect(requests.filter((request) => request.startsWith('get '))).toHaveLength(7);
  expect(requests.filter((request) => request.startsWith('list '))).toEqual([]);
});

test.each([
  ['an index is lost', /_state\/key-index\/sales_order\/.*batch=0000000256\//],
  ['every index is lost', /_state\/key-index\//],
  ['the manifest that names an index is lost', /_manifests\/0000000512\.json/],
])('finds the same where %s', async (_, lost) => {
  const left = new Map([...objects].filter(([key]) => !lost.test(key)));
  const store = memoryStore('memory://lake', left);
  expect(await findBatchesOfKey(store, NEWEST, 'sales_order', 3)).toEqual([3, 300]);
  expect(await findBatchesOfKey(store, NEWEST, 'sales_order', 500)).toEqual([500]);
});

test('a part that does not say its keys may have any', async () => {
  const store = memoryStore();
  await writeManifest(store, ingestionManifest({ parts: [{ ...part, table: 'payment', role: 'changed' }] }));
  expect(await findBatchesOfKey(store, 1, 'payment', 5)).toEqual([1]);
  expect(await findBatchesOfKey(store, 1, 'staff', 5)).toEqual([]);
});

test('lookup rows are not indexed: another row joins to them', async () => {
  const store = memoryStore();
  await writeManifest(store, ingestionManifest({ parts: [{ ...part, table: 'address', role: 'lookup' }] }));
  expect(await findBatchesOfKey(store, 1, 'address', 5)).toEqual([]);
});

test('ranges of a part are closed up across their smallest gaps', () => {
  expect(coarseRanges(KeySet.empty)).toEqual([]);
  const few: [number, number][] = [
    [1, 5],
    [7, 7],
  ];
  expect(coarseRanges(KeySet.of(few))).toEqual(few);
  const many = Array.from({ length: 40 }, (_, i): [number, number] => [i * 10, i * 10 + (i % 2 === 0 ? 7 : 1)]);
  const coarse = coarseRanges(KeySet.of(many));
  expect(coarse).toHaveLength(20);
  expect(coarse[0]).toEqual([0, 11]);
  expect(coarse.at(-1)).toEqual([380, 391]);
  const kept = KeySet.of(coarse);
  for (const [first, last] of many) expect(kept.has(first) && kept.has(last)).toBe(true);
});

// What ingest adds to the manifest of a batch that completes spans.
async function indexed(store: Store, manifest: IngestionManifest): Promise<Partial<IngestionManifest>> {
  const state: IngestionManifest['state'] = [];
  const spans: number[] = [];
  for (const { span, keys } of await buildIndexes(store, manifest.batch, keysOfBatch(manifest))) {
    spans.push(span);
    for (const [table, ofTable] of keys) {
      const folder = partFolder(`_state/key-index/${table}`, CLOCK, manifest.batch);
      state.push({ kind: 'key-index', table, span, ...(await writePart(store, folder, [indexRows(ofTable)])) });
    }
  }
  return spans.length === 0 ? {} : { state, indexedSpans: spans };
}
