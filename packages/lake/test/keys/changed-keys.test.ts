import * as arrow from 'apache-arrow';
import { coarseRanges, KeySet, memoryStore, partFolder, readChangedKeys, writePart } from '../../src/index.ts';
import { recordingStore } from '../recording-store.ts';

const folder = partFolder('order', '2026-11-22T10:00:00', 1);

async function keysAndRequests(ids: readonly number[]) {
  const requests: string[] = [];
  const store = recordingStore(memoryStore(), requests);
  const part = await writePart(store, folder, new arrow.Table({ id: arrow.makeVector(Int32Array.from(ids)) }));
  const keys = coarseRanges(KeySet.of(ids.map((id) => [id, id])));
  return { found: [...(await readChangedKeys(store, { ...part, keys }, 'id')).keys()], requests };
}

test('the keys of few ranges come from the manifest, without a request', async () => {
  expect(await keysAndRequests([1, 2, 3, 70])).toEqual({ found: [1, 2, 3, 70], requests: [] });
});

test('where the manifest has joined ranges, the keys come from the part', async () => {
  const scattered = Array.from({ length: 50 }, (_, i) => 3 * i);
  const { found, requests } = await keysAndRequests(scattered);
  expect(found).toEqual(scattered);
  expect(requests).toHaveLength(1);
});
