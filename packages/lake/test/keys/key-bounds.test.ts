import { createHash } from 'node:crypto';
import { arrowSchema } from '@totesys/columns';
import { integer, text } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { findKeyBounds, memoryStore, type Store, writePart } from '../../src/index.ts';
import { recordingStore } from '../recording-store.ts';

// Rows with keys and so much text beside them that a footer is a small share of the object.
async function write(store: Store, keys: Int32Array | BigInt64Array, textBytes = 0) {
  const type = keys instanceof Int32Array ? integer() : ({ kind: 'bigint' } as const);
  const schema = arrowSchema([
    { name: 'word', type: text() },
    { name: 'id', type },
  ]);
  const words = Array.from({ length: keys.length }, (_, i) => randomText(i, textBytes));
  const children = [
    arrow.vectorFromArray(words, new arrow.Utf8()).data[0]!,
    arrow.makeVector(keys as Int32Array).data[0]!,
  ];
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: keys.length, nullCount: 0, children });
  const { key, bytes } = await writePart(store, 'rows/', [new arrow.RecordBatch(schema, data)]);
  return { key, sizeBytes: bytes };
}

// Text that does not compress to less than three quarters: base64.
function randomText(seed: number, length: number): string {
  return createHash('shake256', { outputLength: length }).update(String(seed)).digest('base64').slice(0, length);
}

test.each([
  ['32 bits', Int32Array.from([7, -3, 2_147_483_647, 12]), { first: -3, last: 2_147_483_647 }],
  ['64 bits', BigInt64Array.from([5n, 2n ** 52n, -9n]), { first: -9, last: 2 ** 52 }],
  ['one row', Int32Array.from([42]), { first: 42, last: 42 }],
])('the bounds of keys of %s come from the footer', async (_what, keys, bounds) => {
  const store = memoryStore();
  expect(await findKeyBounds(store, await write(store, keys), 'id')).toEqual(bounds);
});

test('costs one request of some kilobytes, however large the object is', async () => {
  const store = memoryStore();
  const object = await write(
    store,
    Int32Array.from({ length: 20_000 }, (_, i) => i + 1),
    100,
  );
  expect(object.sizeBytes).toBeGreaterThan(1_000_000);
  const requests: string[] = [];
  const bounds = await findKeyBounds(recordingStore(store, requests), object, 'id');
  expect(bounds).toEqual({ first: 1, last: 20_000 });
  expect(requests).toEqual([`range ${object.key} ${object.sizeBytes - 64 * 1024} ${object.sizeBytes}`]);
});

test('does not pretend to know: no rows, no such column, a column of text', async () => {
  const store = memoryStore();
  const object = await write(store, Int32Array.from([1]));
  expect(await findKeyBounds(store, await write(store, Int32Array.from([])), 'id')).toBe('none');
  expect(await findKeyBounds(store, object, 'nowhere')).toBeUndefined();
  expect(await findKeyBounds(store, object, 'word')).toBeUndefined();
});
