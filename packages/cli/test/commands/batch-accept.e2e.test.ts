import { populate } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, expectEqual, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let places: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 400, purchaseOrders: 120 });
  await pipeline.run();
  places = pipeline.places;
  // The dates of half of all orders become invalid, and one other order changes.
  await source()`update sales_order set agreed_payment_date = 'tbd' where sales_order_id <= 200`;
  await source()`update sales_order set units_sold = 4321 where sales_order_id = 300`;
});

afterEach(async () => {
  await pipeline.close();
});

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;
const run = () => totesys(['run', '--json'], places);
const ledger = async () => (await warehouse()`select batch from etl.ledger order by batch`).map(({ batch }) => batch);
const units = async () =>
  (await warehouse()`select units_sold from current_fact_sales_order where sales_order_id = 300`)[0]!.units_sold;

test('load stops before a batch with too many quarantined rows, at every run, and names the remedy', async () => {
  for (let tick = 0; tick < 2; tick++) {
    const { code, json } = await run();
    expect({ code, error: json.error }).toEqual({
      code: 1,
      error: { code: 'QUARANTINE_THRESHOLD', message: expect.stringMatching(/200 of 201 rows.*batch accept 2/) },
    });
  }
  expect(await ledger()).toEqual([1]);
  expect(await units()).not.toBe(4321);
  expect((await totesys(['quarantine', 'list', '--json'], places)).json).toMatchObject({ rows: 200 });
});

test('load continues once the source is corrected, with all waiting batches in one transaction', async () => {
  expect((await run()).code).toBe(1);
  await source()`update sales_order set units_sold = units_sold + 1 where sales_order_id = 350`;
  expect((await run()).code).toBe(1);
  await source()`update sales_order set agreed_payment_date = '2024-05-06' where sales_order_id <= 200`;
  expect(await run()).toMatchObject({ code: 0, json: { ok: true, loaded: [2, 3, 4] } });
  expect(await warehouse()`select distinct xmin::text from etl.ledger where batch > 1`).toHaveLength(1);
  await expectEqual(pipeline);
  expect((await totesys(['quarantine', 'list', '--json'], places)).json).toMatchObject({ rows: 0 });
  // Every valid version is in the history, in its order.
  expect(await warehouse()`select from fact_sales_order where sales_order_id = 350`).toHaveLength(2);
});

test('load continues once enough broken rows are deleted or corrected', async () => {
  expect((await run()).code).toBe(1);
  await source()`
    delete from payment using transaction t
     where t.transaction_id = payment.transaction_id and t.sales_order_id <= 200`;
  await source()`delete from transaction where sales_order_id <= 50`;
  await source()`delete from sales_order where sales_order_id <= 50`;
  await source()`update sales_order set agreed_payment_date = '2024-05-06' where sales_order_id between 51 and 102`;
  expect(await run()).toMatchObject({ code: 0, json: { loaded: [2, 3] } });
  expect((await totesys(['quarantine', 'list', '--json'], places)).json).toMatchObject({ rows: 98 });
});

test('rows quarantined by ingest count together with those of transform, and are corrected alike', async () => {
  await source()`update sales_order set agreed_payment_date = '2024-05-06' where sales_order_id <= 200`;
  await source()`update sales_order set unit_price = 'NaN' where sales_order_id <= 60`;
  await source()`update sales_order set agreed_payment_date = 'tbd' where sales_order_id between 31 and 110`;
  const { code, json } = await run();
  expect({ code, error: json.error }).toMatchObject({
    code: 1,
    error: { message: expect.stringContaining('110 of 201') },
  });
  await source()`update sales_order set unit_price = 7.5 where sales_order_id <= 11`;
  expect(await run()).toMatchObject({ code: 0, json: { loaded: [2, 3] } });
  expect((await totesys(['quarantine', 'list', '--json'], places)).json).toMatchObject({ rows: 99 });
  await source()`
    update sales_order set unit_price = 7.5, agreed_payment_date = '2024-05-06' where sales_order_id <= 110`;
  expect((await run()).code).toBe(0);
  await expectEqual(pipeline);
});

test('batch accept or a discard lets the batch load', async () => {
  expect((await run()).code).toBe(1);
  await totesys(['quarantine', 'discard', 'sales_order', '--keys', '1-101'], places);
  expect(await run()).toMatchObject({ code: 0, json: { loaded: [2] } });
  expect(await units()).toBe(4321);
  await source()`update sales_order set agreed_payment_date = 'never' where sales_order_id <= 200`;
  expect((await run()).code).toBe(1);
  const object = '_accepted/0000000003.json';
  for (let time = 0; time < 2; time++) {
    expect((await totesys(['batch', 'accept', '3', '--json'], places)).json).toMatchObject({ ok: true, object });
  }
  expect(await run()).toMatchObject({ code: 0, json: { loaded: [3] } });
});

test('a rebuild groups the same batches and builds the same warehouse', async () => {
  expect((await run()).code).toBe(1);
  await source()`update sales_order set agreed_payment_date = '2024-05-06' where sales_order_id <= 200`;
  expect((await run()).code).toBe(0);
  const versions = () =>
    warehouse()`
      select sales_record_id, sales_order_id, units_sold, agreed_payment_date
        from fact_sales_order order by 1`.values();
  const before = await versions();
  await warehouse().unsafe('drop schema etl cascade; drop schema public cascade; create schema public');
  expect(await totesys(['rebuild', '--json'], places)).toMatchObject({ code: 0, json: { batch: 3 } });
  expect(await versions()).toEqual(before);
});
