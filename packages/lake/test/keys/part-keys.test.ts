import * as arrow from 'apache-arrow';
import {
  KeySet,
  memoryStore,
  type ObjectPart,
  partFolder,
  readPartKeys,
  readPartRanges,
  type Store,
  writePart,
} from '../../src/index.ts';
import { recordingStore } from '../recording-store.ts';

const folder = partFolder('order', '2026-11-22T10:00:00', 1);
const keysOf = (set: KeySet) => [...set.keys()];

const write = (store: Store, columns: Record<string, Int32Array | BigInt64Array>): Promise<ObjectPart> =>
  writePart(
    store,
    folder,
    new arrow.Table(
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, arrow.makeVector(values)])),
    ),
  );

test('keys of either width, of all parts, each once', async () => {
  const store = memoryStore();
  const parts = [
    await write(store, { id: Int32Array.of(3, 1, 3), other: Int32Array.of(9, 9, 9) }),
    await write(store, { id: BigInt64Array.of(7n, 1n) }),
  ];
  expect(keysOf(await readPartKeys(store, parts, 'id'))).toEqual([1, 3, 7]);
  expect(keysOf(await readPartKeys(store, parts, 'id', KeySet.of([[2, 7]])))).toEqual([3, 7]);
  expect(keysOf(await readPartKeys(store, [], 'id'))).toEqual([]);
});

test('ranges are read as the keys that lie in them', async () => {
  const store = memoryStore();
  const part = await write(store, { first: BigInt64Array.of(1n, 9n), last: BigInt64Array.of(3n, 9n) });
  expect(keysOf(await readPartRanges(store, [part]))).toEqual([1, 2, 3, 9]);
});

test('a large part is read only where it may hold what is sought', async () => {
  const store = memoryStore();
  // Noise beside the key, so that the part stays large.
  const rows = 300_000;
  const noise = Int32Array.from({ length: rows }, (_, i) =>
    Math.imul(Math.imul(i, 0x9e3779b1) ^ (i >>> 3), 0x85ebca6b),
  );
  const part = await write(store, { id: Int32Array.from({ length: rows }, (_, i) => 1000 + i), noise });
  expect(part.bytes).toBeGreaterThan(1024 * 1024);
  const requests: string[] = [];
  const recording = recordingStore(store, requests);
  const whole = () => requests.filter((request) => request.startsWith('get '));
  expect(
    keysOf(
      await readPartKeys(
        recording,
        [part],
        'id',
        KeySet.of([
          [1, 999],
          [600_000, 600_001],
        ]),
      ),
    ),
  ).toEqual([]);
  expect(whole()).toEqual([]);
  expect(keysOf(await readPartKeys(recording, [part], 'id', KeySet.of([[1, 1000]])))).toEqual([1000]);
  expect(whole()).toEqual([`get ${part.key}`]);
});
