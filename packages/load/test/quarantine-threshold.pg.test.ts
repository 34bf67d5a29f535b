import { KeySet, writeDiscard } from '@totesys/lake';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, orders } from './loaded-warehouse.ts';
import { acceptBatch, type BatchSpec } from './processed-batch.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const currentOrders = async () => (await warehouse.current()).length;
const counts = (rows: number, quarantined: number) => ({ sales_order: { rows, quarantined } });
// Batch 1: 200 of 1,000 orders are missing.
const half: BatchSpec = {
  rows: { ...dimensions, fact_sales_order: orders(1, 800) },
  leftOut: { sales_order: [[801, 1_000]] },
  counts: counts(1_000, 200),
};

describe('a batch of which too many rows are in quarantine', () => {
  test('stops each run until the operator accepts it', async () => {
    await warehouse.write({ rows: dimensions, counts: counts(5_000, 101) });
    for (let tick = 0; tick < 2; tick++) {
      await expect(warehouse.run()).rejects.toMatchObject({
        code: 'QUARANTINE_THRESHOLD',
        message: expect.stringContaining('totesys batch accept 1'),
        context: { batch: 1, table: 'sales_order', rows: 5_000, quarantined: 101, left: 101 },
      });
    }
    expect(await warehouse.ledger()).toEqual([]);
    await acceptBatch(warehouse.store, 1);
    expect(await warehouse.run()).toMatchObject({ batches: [1] });
  });

  test.each([
    ['99 of any number', counts(99, 99)],
    ['one in a hundred', counts(40_000, 400)],
  ])('loads with %s', async (_what, given) => {
    expect(await warehouse.bring({ rows: dimensions, counts: given })).toMatchObject({ batches: [1] });
  });

  test.each([
    ['100 of a few', counts(200, 100)],
    ['a little over one in a hundred', counts(40_000, 401)],
  ])('stops with %s', async (_what, given) => {
    await expect(warehouse.bring({ rows: dimensions, counts: given })).rejects.toMatchObject({
      code: 'QUARANTINE_THRESHOLD',
    });
  });

  test('loads in one transaction with the batch that corrects its rows', async () => {
    await expect(warehouse.bring(half)).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
    await expect(
      warehouse.bring({ rows: { fact_sales_order: orders(1, 10, { units_sold: 5 }) } }),
    ).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
    expect(await warehouse.bring({ rows: { fact_sales_order: orders(801, 1_000) } })).toMatchObject({
      outcome: 'loaded',
      batches: [1, 2, 3],
    });
    expect(await warehouse.ledger()).toEqual([1, 2, 3]);
    // One transaction wrote all three lines.
    expect(await sql()`select distinct xmin::text from etl.ledger`).toHaveLength(1);
    expect(await currentOrders()).toBe(1_000);
    expect(await sql()`select from fact_sales_order where sales_order_id = 1`).toHaveLength(2);
  });

  test('loads once its rows are deleted or corrected, except for a few', async () => {
    await warehouse.write(half);
    await warehouse.write({ deleted: { fact_sales_order: [801, 802, 803] } });
    await expect(warehouse.bring({ rows: { fact_sales_order: orders(804, 900) } })).rejects.toMatchObject({
      context: { batch: 1, quarantined: 200, left: 100 },
    });
    expect(await warehouse.bring({ rows: { fact_sales_order: orders(901, 901) } })).toMatchObject({
      batches: [1, 2, 3, 4],
    });
    expect(await currentOrders()).toBe(898);
  });

  test('loads by itself once the operator has discarded its rows', async () => {
    await warehouse.write(half);
    const keys = KeySet.of([[801, 900]]);
    await writeDiscard(warehouse.store, { table: 'sales_order', through: 1, keys: KeySet.of([[801, 901]]) });
    expect(await warehouse.run()).toMatchObject({ batches: [1] });
    await expect(
      warehouse.bring({ leftOut: { sales_order: [[801, 900]] }, counts: counts(100, 100) }),
    ).rejects.toMatchObject({ context: { batch: 2, left: 100 } });
    await writeDiscard(warehouse.store, { table: 'payment', through: 9, keys });
    await warehouse.store.putIfAbsent('_discarded/other.json', Buffer.from('nonsense'));
    await expect(warehouse.run()).rejects.toMatchObject({ context: { batch: 2, left: 100 } });
  });

  test('does not load with a batch whose rows break again', async () => {
    await warehouse.write(half);
    await expect(
      warehouse.bring({ leftOut: { sales_order: [[801, 1_000]] }, counts: counts(200, 200) }),
    ).rejects.toMatchObject({ context: { batch: 1, left: 200 } });
    expect(await warehouse.bring({ rows: { fact_sales_order: orders(801, 1_000) } })).toMatchObject({
      batches: [1, 2, 3],
    });
    expect(await currentOrders()).toBe(1_000);
  });

  test('waits with a later batch that is worse until that one is corrected or accepted', async () => {
    await warehouse.write(half);
    await expect(
      warehouse.bring({
        rows: { fact_sales_order: orders(801, 1_000) },
        leftOut: { sales_order: [[1, 150]] },
        counts: counts(350, 150),
      }),
    ).rejects.toMatchObject({ context: { batch: 2, left: 150 } });
    expect(await warehouse.ledger()).toEqual([]);
    await acceptBatch(warehouse.store, 2);
    expect(await warehouse.run()).toMatchObject({ batches: [1, 2] });
    expect(await warehouse.bring({ rows: { fact_sales_order: orders(1, 150, { units_sold: 9 }) } })).toMatchObject({
      batches: [3],
    });
  });

  test('does not load up to a batch before the one that corrects it', async () => {
    await warehouse.write(half);
    await warehouse.write({});
    await warehouse.write({ rows: { fact_sales_order: orders(801, 1_000) } });
    await expect(warehouse.run({ until: 2 })).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
    expect(await warehouse.run({ until: 3 })).toMatchObject({ batches: [1, 2, 3] });
  });

  test('loads together with the later batches of its group or not at all', async () => {
    await warehouse.write(half);
    await warehouse.write({});
    await expect(
      warehouse.bring({ rows: { fact_sales_order: orders(801, 1_000) }, previous: '9'.repeat(64) }),
    ).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
    expect(await warehouse.ledger()).toEqual([]);
    expect(await currentOrders()).toBe(0);
  });
});
