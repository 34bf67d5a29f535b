import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { populate } from '@totesys/sandbox';
import { totesys } from './built-command.ts';
import { createPipeline, expectEqual, type Pipeline } from './pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 200, purchaseOrders: 80 });
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
});

const backfill = (...args: string[]) => totesys(['backfill', '--json', '--lake', pipeline.lake, ...args]);
const sql = () => pipeline.warehouse.sql;

test('backfill files a request, and the next run corrects what was changed in the warehouse by hand', async () => {
  await sql()`update fact_sales_order set unit_price = unit_price + 1 where sales_order_id = 7`;
  await sql()`delete from fact_payment where payment_id between 3 and 5`;
  await sql()`update dim_staff set department_name = 'Elsewhere' where staff_id = 2`;
  await sql()`update dim_counterparty set counterparty_legal_city = 'Elsewhere' where counterparty_id = 1`;
  const [counterparty] = await pipeline.source.sql`select legal_address_id from counterparty where counterparty_id = 1`;
  const filed = await backfill('sales_order', '--keys', '7,9-10');
  expect(filed).toMatchObject({
    code: 0,
    json: {
      ok: true,
      table: 'sales_order',
      keys: [
        [7, 7],
        [9, 10],
      ],
    },
  });
  expect(JSON.parse(await readFile(join(pipeline.lake, 'ingestion', String(filed.json.request)), 'utf8'))).toEqual({
    kind: 'read',
    reason: 'backfill',
    tables: [
      {
        table: 'sales_order',
        keys: [
          [7, 7],
          [9, 10],
        ],
      },
    ],
  });
  expect((await backfill('payment', '--all')).code).toBe(0);
  expect((await backfill('staff', '--keys', '2')).code).toBe(0);
  expect((await backfill('address', '--keys', String(counterparty!.legal_address_id))).code).toBe(0);
  const status = async () => (await totesys(['status', '--json', '--lake', pipeline.lake])).json;
  expect(await status()).toMatchObject({ requests: 4 });
  await pipeline.run();
  expect(await status()).toMatchObject({ requests: 0 });
  expect(await totesys(['batch', 'show', '77', '--json', '--lake', pipeline.lake])).toMatchObject({
    code: 1,
    json: { ok: false, batch: 77, error: { code: 'NOT_FOUND', message: expect.stringContaining('Batch 77 is not') } },
  });
  const shown = await totesys(['batch', 'show', '2', '--json', '--lake', pipeline.lake]);
  expect(shown.json).toMatchObject({ requests: ['0000000001', '0000000002', '0000000003', '0000000004'] });
  await expectEqual(pipeline);
  expect(await sql()`select from fact_sales_order where sales_order_id = 7`).toHaveLength(2);
  expect(await sql()`select from fact_sales_order where sales_order_id = 9`).toHaveLength(1);
});

test('a row that exists in the warehouse alone is deleted', async () => {
  await sql().unsafe(`
    create temporary table extra as select * from fact_payment where payment_id = 3;
    update extra set payment_id = 90000, payment_record_id = 0;
    insert into fact_payment select * from extra`);
  await backfill('payment', '--keys', '90000');
  await pipeline.run();
  await expectEqual(pipeline);
});

test.each([
  ['nothing said', ['staff'], /--keys.*--all/],
  ['both said', ['staff', '--all', '--keys', '1'], /--keys.*--all/],
  ['keys that are none', ['staff', '--keys', 'x'], /is not a key or a range of keys/],
  ['a table that is none', ['frobs', '--all'], /sales_order/],
])('%s ends with 2 and files nothing', async (_what, args, message) => {
  const before = await pipeline.objects();
  const { code, json } = await backfill(...args);
  expect(code).toBe(2);
  expect((json.error as { message: string }).message).toMatch(message);
  expect(await pipeline.objects()).toEqual(before);
});
