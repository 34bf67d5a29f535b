import { KeySet, memoryStore, writeDiscard } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { load } from '../src/load.ts';
import { acceptBatch, type BatchSpec, type Row, writeBatch } from './processed-batch.ts';

let database: TestDatabase;
let warehouse: Sql;
let store: ReturnType<typeof memoryStore>;
let written: number;

beforeEach(async () => {
  database = await createTestDatabase();
  warehouse = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
  store = memoryStore();
  written = 0;
});

afterEach(async () => {
  await warehouse.end();
  await database.drop();
});

const run = (until?: number) =>
  load({
    model: totesysModel,
    warehouse,
    processed: store,
    telemetry: silentTelemetry,
    deadlineMs: Number.MAX_SAFE_INTEGER,
    ...(until === undefined ? {} : { until }),
  });

const write = (spec: BatchSpec) => writeBatch(store, ++written, spec);
const orders = (from: number, to: number, row: Row = {}): Row[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ sales_order_id: from + i, unit_price: 150n, ...row }));
const loadedBatches = async () =>
  (await database.sql`select batch from etl.ledger order by 1`).map(({ batch }) => batch);
const currentOrders = async () =>
  (await database.sql`select count(*)::int as rows from current_fact_sales_order`)[0]!.rows;

const dimensions: Readonly<Record<string, readonly Row[]>> = {
  dim_date: [{ date_id: 1 }],
  dim_staff: [{ staff_id: 1 }],
  dim_location: [{ location_id: 1 }],
  dim_currency: [{ currency_id: 1 }],
  dim_design: [{ design_id: 1 }],
  dim_counterparty: [{ counterparty_id: 1 }],
};

const counts = (rows: number, quarantined: number) => ({ sales_order: { rows, quarantined } });
// Batch 1: 200 of 1,000 orders are missing.
const half: BatchSpec = {
  rows: { ...dimensions, fact_sales_order: orders(1, 800) },
  leftOut: { sales_order: [[801, 1_000]] },
  counts: counts(1_000, 200),
};

describe('a batch of which too many rows are in quarantine', () => {
  test('stops, each time, until a person accepts it', async () => {
    await write({ rows: dimensions, counts: counts(5_000, 101) });
    for (let tick = 0; tick < 2; tick++) {
      await expect(run()).rejects.toMatchObject({
        code: 'QUARANTINE_THRESHOLD',
        message: expect.stringContaining('totesys batch accept 1'),
        context: { batch: 1, table: 'sales_order', rows: 5_000, quarantined: 101, left: 101 },
      });
    }
    expect(await loadedBatches()).toEqual([]);
    await acceptBatch(store, 1);
    expect(await run()).toMatchObject({ batches: [1] });
  });

  test.each([
    ['99 of any number', counts(99, 99)],
    ['one in a hundred', counts(40_000, 400)],
  ])('is none with %s', async (_what, given) => {
    await write({ rows: dimensions, counts: given });
    expect(await run()).toMatchObject({ batches: [1] });
  });

  test.each([
    ['100 of a few', counts(200, 100)],
    ['a little over one in a hundred', counts(40_000, 401)],
  ])('is one with %s', async (_what, given) => {
    await write({ rows: dimensions, counts: given });
    await expect(run()).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
  });

  test('loads together with the batch that brings its rows right, and nobody ever sees it without', async () => {
    await write(half);
    await expect(run()).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
    await write({ rows: { fact_sales_order: orders(1, 10, { units_sold: 5 }) } });
    await expect(run()).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
    await write({ rows: { fact_sales_order: orders(801, 1_000) } });
    expect(await run()).toMatchObject({ outcome: 'loaded', batches: [1, 2, 3] });
    expect(await loadedBatches()).toEqual([1, 2, 3]);
    // One transaction wrote all three lines.
    expect(await database.sql`select distinct xmin::text from etl.ledger`).toHaveLength(1);
    expect(await currentOrders()).toBe(1_000);
    expect(await database.sql`select from fact_sales_order where sales_order_id = 1`).toHaveLength(2);
  });
  test('is mended by rows that are deleted, and by all but a few', async () => {
    await write(half);
    await write({ deleted: { fact_sales_order: [801, 802, 803] } });
    await write({ rows: { fact_sales_order: orders(804, 900) } });
    await expect(run()).rejects.toMatchObject({ context: { batch: 1, quarantined: 200, left: 100 } });
    await write({ rows: { fact_sales_order: orders(901, 901) } });
    expect(await run()).toMatchObject({ batches: [1, 2, 3, 4] });
    expect(await currentOrders()).toBe(898);
  });

  test('loads by itself where a person has discarded its rows, as that batch has them', async () => {
    await write(half);
    const keys = KeySet.of([[801, 900]]);
    await writeDiscard(store, { table: 'sales_order', through: 1, keys: KeySet.of([[801, 901]]) });
    expect(await run()).toMatchObject({ batches: [1] });
    await write({ leftOut: { sales_order: [[801, 900]] }, counts: counts(100, 100) });
    await expect(run()).rejects.toMatchObject({ context: { batch: 2, left: 100 } });
    await writeDiscard(store, { table: 'payment', through: 9, keys });
    await store.putIfAbsent('_discarded/other.json', Buffer.from('nonsense'));
    await expect(run()).rejects.toMatchObject({ context: { batch: 2, left: 100 } });
  });

  test('is not mended by rows that break again', async () => {
    await write(half);
    await write({ leftOut: { sales_order: [[801, 1_000]] }, counts: counts(200, 200) });
    await expect(run()).rejects.toMatchObject({ context: { batch: 1, left: 200 } });
    await write({ rows: { fact_sales_order: orders(801, 1_000) } });
    expect(await run()).toMatchObject({ batches: [1, 2, 3] });
    expect(await currentOrders()).toBe(1_000);
  });

  test('draws in one behind it that is worse, until that is mended too or accepted', async () => {
    await write(half);
    await write({
      rows: { fact_sales_order: orders(801, 1_000) },
      leftOut: { sales_order: [[1, 150]] },
      counts: counts(350, 150),
    });
    await expect(run()).rejects.toMatchObject({ context: { batch: 2, left: 150 } });
    expect(await loadedBatches()).toEqual([]);
    await acceptBatch(store, 2);
    expect(await run()).toMatchObject({ batches: [1, 2] });
    await write({ rows: { fact_sales_order: orders(1, 150, { units_sold: 9 }) } });
    expect(await run()).toMatchObject({ batches: [3] });
  });

  test('does not load up to a batch before the one that mends it', async () => {
    await write(half);
    await write({});
    await write({ rows: { fact_sales_order: orders(801, 1_000) } });
    await expect(run(2)).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
    expect(await run(3)).toMatchObject({ batches: [1, 2, 3] });
  });

  test('loads whole or not at all with those behind it', async () => {
    await write(half);
    await write({});
    await write({ rows: { fact_sales_order: orders(801, 1_000) }, previous: '9'.repeat(64) });
    await expect(run()).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
    expect(await loadedBatches()).toEqual([]);
    expect(await currentOrders()).toBe(0);
  });
});
