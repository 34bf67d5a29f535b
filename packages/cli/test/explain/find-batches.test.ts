import { memoryStore, partFolder, partKey } from '@totesys/lake';
import { findSourceTable, totesysModel } from '@totesys/schema';
import { recordingStore } from '../../../lake/test/recording-store.ts';
import { writeBatch } from '../../../transform/test/ingestion-batch.ts';
import { findBatches } from '../../src/explain/find-batches.ts';
import { readRowInBatch } from '../../src/explain/read-row-in-batch.ts';

const source = findSourceTable(totesysModel, 'sales_order');
const subject = (key: number) => ({ source, key, tables: [] });
const BATCHES = 60;

test('returns only the batches that may contain the key', async () => {
  const store = memoryStore();
  let previous: string | null = null;
  for (let batch = 1; batch <= BATCHES; batch++) {
    // Each batch has ten new orders; every twentieth batch also changes the first order.
    const keys = Array.from({ length: 10 }, (_, i) => batch * 10 + i);
    const rows = (batch % 20 === 0 ? [10, ...keys] : keys).map((sales_order_id) => ({ sales_order_id }));
    previous = await writeBatch(store, batch, previous, [{ table: 'sales_order', rows }]);
  }
  const requests: string[] = [];
  const recording = recordingStore(store, requests);
  expect(await findBatches(recording, subject(10))).toEqual([1, 20, 40, 60]);
  expect(await findBatches(recording, subject(335))).toEqual([33]);
  expect(await findBatches(recording, subject(9_999))).toEqual([]);
  // The manifests are enough: no part is read.
  expect(requests.filter((request) => /^(get|range) /.test(request))).toEqual([]);
  const lakes = { model: totesysModel, ingestion: recording, processed: memoryStore() };
  expect(await readRowInBatch(lakes, subject(335), 40)).toBeUndefined();
  expect(await readRowInBatch(lakes, subject(335), 33)).toMatchObject({
    batch: 33,
    isTransformed: false,
    states: [{ role: 'changed', values: { sales_order_id: '335' } }],
  });
});

test('checks changed rows and deleted keys', async () => {
  const store = memoryStore();
  const first = await writeBatch(store, 1, null, [{ table: 'sales_order', rows: [{ sales_order_id: 5 }] }]);
  const second = await writeBatch(store, 2, first, [{ table: 'sales_order', rows: [{ sales_order_id: 1 }] }], {
    deleted: { sales_order: [5, 8] },
  });
  await writeBatch(store, 3, second, [{ table: 'payment', rows: [{ payment_id: 5 }] }]);
  expect(await findBatches(store, subject(5))).toEqual([1, 2]);
  expect(await findBatches(store, subject(8))).toEqual([2]);
});

test('ignores a part that no manifest names', async () => {
  const store = memoryStore();
  await writeBatch(store, 1, null, [{ table: 'sales_order', rows: [{ sales_order_id: 5 }] }]);
  const leftover = partKey(partFolder('sales_order', '2026-11-22T10:00:00', 2), 'a'.repeat(64));
  await store.putIfAbsent(leftover, Buffer.from('half a foot'));
  expect(await findBatches(store, subject(7))).toEqual([]);
});
