import { memoryStore } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { load } from '../src/load.ts';
import { type BatchSpec, type Row, writeBatch } from './processed-batch.ts';

let database: TestDatabase;
let warehouse: Sql;
let store: ReturnType<typeof memoryStore>;
let written: number;

beforeEach(async () => {
  database = await createTestDatabase();
  warehouse = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
  store = memoryStore();
  written = 0;
  await bring({
    rows: {
      dim_date: [{ date_id: 1 }],
      dim_staff: [{ staff_id: 1 }],
      dim_location: [{ location_id: 1 }],
      dim_currency: [{ currency_id: 1 }],
      dim_design: [{ design_id: 1 }],
      dim_counterparty: [{ counterparty_id: 1 }],
      fact_sales_order: [order(1, 5), order(2, 5)],
    },
  });
});

afterEach(async () => {
  await warehouse.end();
  await database.drop();
});

async function bring(spec: BatchSpec): Promise<void> {
  await writeBatch(store, ++written, spec);
  await load({
    model: totesysModel,
    warehouse,
    processed: store,
    telemetry: silentTelemetry,
    deadlineMs: Number.MAX_SAFE_INTEGER,
  });
}

const order = (id: number, units: number, row: Row = {}): Row => ({
  sales_order_id: id,
  unit_price: 150n,
  units_sold: units,
  ...row,
});
/** A version that waits: its staff row is not there. */
const waiting = (id: number, units: number) => order(id, units, { sales_staff_id: 7 });
const arrival: BatchSpec = { rows: { dim_staff: [{ staff_id: 7 }] } };

const current = async () =>
  (await database.sql`select sales_order_id as id, units_sold as units from current_fact_sales_order order by 1`).map(
    ({ id, units }) => [id, units],
  );
const units = async (id: number) =>
  (
    await database.sql`select units_sold from fact_sales_order where sales_order_id = ${id} order by sales_record_id`
  ).map(({ units_sold }) => units_sold);
const held = async () => (await database.sql`select id::int from etl.held order by 1`).map(({ id }) => id);

test('a deleted fact that comes back and has to wait is not current until it arrives: never as what it was', async () => {
  await bring({ deleted: { fact_sales_order: [1] } });
  await bring({ rows: { fact_sales_order: [waiting(1, 8)] } });
  expect(await held()).toEqual([1]);
  expect(await current()).toEqual([[2, 5]]);
  await bring(arrival);
  expect(await held()).toEqual([]);
  expect(await current()).toEqual([
    [1, 8],
    [2, 5],
  ]);
  expect(await database.sql`select deleted_batch, restored_batch from etl.deletion`).toEqual([
    { deleted_batch: 2, restored_batch: 4 },
  ]);
});

test('a deleted fact that comes back, waits and is deleted again stays deleted, whatever arrives', async () => {
  await bring({ deleted: { fact_sales_order: [1] } });
  await bring({ rows: { fact_sales_order: [waiting(1, 8)] } });
  await bring({ deleted: { fact_sales_order: [1] } });
  await bring(arrival);
  expect(await current()).toEqual([[2, 5]]);
  expect(await units(1)).toEqual([5]);
});

test('a fact that is deleted while a newer version of it waits is gone, and that version with it', async () => {
  await bring({ rows: { fact_sales_order: [waiting(1, 8)] } });
  await bring({ deleted: { fact_sales_order: [1] } });
  await bring(arrival);
  expect(await current()).toEqual([[2, 5]]);
  expect(await units(1)).toEqual([5]);
});

test('a fact that is deleted before it ever arrived, and comes back, arrives as new', async () => {
  await bring({ rows: { fact_sales_order: [waiting(3, 8)] } });
  await bring({ deleted: { fact_sales_order: [3] } });
  await bring({ rows: { ...arrival.rows, fact_sales_order: [waiting(3, 9)] } });
  expect(await units(3)).toEqual([9]);
  expect(await database.sql`select from etl.deletion`).toHaveLength(0);
});

test('a fact that waits and becomes equal to its latest version again adds none', async () => {
  await bring({ rows: { fact_sales_order: [waiting(1, 8)] } });
  await bring({ rows: { fact_sales_order: [order(1, 5)] } });
  await bring(arrival);
  expect(await units(1)).toEqual([5]);
  expect(await held()).toEqual([]);
});

test('negative and zero ids are deleted, held and come back as any', async () => {
  await bring({ rows: { fact_sales_order: [order(0, 1), order(-1, 1), waiting(-2, 1)] } });
  await bring({ deleted: { fact_sales_order: [0, -1] } });
  expect(await current()).toEqual([
    [1, 5],
    [2, 5],
  ]);
  await bring({ rows: { ...arrival.rows, fact_sales_order: [order(-1, 1)] } });
  expect(await current()).toEqual([
    [-2, 1],
    [-1, 1],
    [1, 5],
    [2, 5],
  ]);
});
