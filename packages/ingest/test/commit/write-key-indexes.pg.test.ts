import { findBatchesOfKey, manifestKey, readIngestionManifest } from '@totesys/lake';
import { storeWith } from '../../../lake/test/store-with.ts';
import { createIngestedSource, type IngestedSource } from '../ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
});

afterEach(async () => {
  await totesys.close();
});

const find = (table: string, key: number) => findBatchesOfKey(totesys.store, 17, table, key);

/** Batch 1 reads the table, each later one a change. */
async function runBatches(first: number, last: number) {
  const { sql } = totesys.database;
  for (let batch = first; batch <= last; batch++) {
    if (batch === 3) await sql`delete from sales_order where sales_order_id = 9`;
    else if (batch === 4)
      await sql`update payment_type set payment_type_name = 'SALES_REFUND' where payment_type_id = 1`;
    else if (batch === 5) await sql`update address set city = 'Ely' where address_id = 3`;
    else if (batch === 6) await sql`update sales_order set unit_price = 'NaN' where sales_order_id = 5`;
    else if (batch > 1)
      await sql`update sales_order set units_sold = units_sold + 1 where sales_order_id in (7, ${batch})`;
    expect(await totesys.run()).toMatchObject({ outcome: 'committed', batch });
  }
}

test('each sixteenth batch has an index by which the batches of a key are found', async () => {
  await runBatches(1, 17);
  const { manifest } = await readIngestionManifest(totesys.store, 16);
  expect(manifest.indexedSpans).toEqual([16]);
  expect((await readIngestionManifest(totesys.store, 17)).manifest.indexedSpans).toBeUndefined();
  expect(await find('sales_order', 7)).toEqual([1, 2, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
  expect(await find('sales_order', 9)).toEqual([1, 3]);
  expect(await find('sales_order', 5)).toEqual([1, 6]);
  // The counterparty is a context row: its address changed.
  expect(await find('counterparty', 3)).toEqual([1, 5]);
  expect(await find('address', 3)).toEqual([1, 5]);
  expect(await find('sales_order', 9_999)).toEqual([]);
});

test('an older manifest that cannot be read leaves the index out and stops nothing', async () => {
  await runBatches(1, 10);
  const plain = totesys.store;
  totesys.store = storeWith(plain, {
    find: async (key) => (key === manifestKey(5) ? Buffer.from('half a manif') : plain.find(key)),
  });
  await runBatches(11, 17);
  expect((await readIngestionManifest(plain, 16)).manifest.indexedSpans).toBeUndefined();
  totesys.store = plain;
  expect(await find('sales_order', 5)).toEqual([1, 6]);
});
