import { readdir } from 'node:fs/promises';
import { createTestDatabase, populate, type TestDatabase } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';

let pipeline: Pipeline;
let source: TestDatabase;
let warehouse: TestDatabase;
let lake: string;
let environment: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  ({ source, warehouse, lake, places: environment } = pipeline);
  await populate(source.sql, { seed: 5, salesOrders: 300, purchaseOrders: 100 });
  expect((await totesys(['run'], environment)).code).toBe(0);
});

afterEach(async () => {
  await pipeline.close();
});

const reconcile = (...args: string[]) => totesys(['reconcile', '--json', ...args], environment);

test('ends with 0 if rows, history and lake have no fault, and prints how much it checked', async () => {
  const { code, json, stdout } = await reconcile();
  expect({ code, ...json }).toMatchObject({
    code: 0,
    ok: true,
    equal: true,
    batch: 1,
    differing: 0,
    unread: 0,
    differences: [],
    history: { faults: 0 },
    lake: { faults: 0, batches: 1 },
  });
  expect(json.tables).toHaveLength(11);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
});

test('ends with 1 and names table, id and columns of each difference, without a value', async () => {
  await warehouse.sql`update fact_sales_order set unit_price = unit_price + 0.01 where sales_order_id = 11`;
  await warehouse.sql`update dim_staff set last_name = 'Tampered' where staff_id = 3`;
  const { code, json, stdout, stderr } = await reconcile();
  const { ok, equal, differing } = json;
  expect({ code, ok, equal, differing }).toEqual({ code: 1, ok: false, equal: false, differing: 2 });
  expect(json.differences).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ table: 'fact_sales_order', id: 11, kind: 'differs', columns: ['unit_price'] }),
      expect.objectContaining({ table: 'dim_staff', id: 3, kind: 'differs', columns: ['last_name'] }),
    ]),
  );
  expect(stdout + stderr).not.toContain('Tampered');
  expect((await reconcile('--show-values')).stderr).toMatch(
    /dim_staff 3: differs in last_name \(expected ".+", got "Tampered"\)/,
  );
});

test('lists unread rows and ends with 1, and with 0 after the next run', async () => {
  await source.sql`delete from payment where payment_id = 9`;
  const { code, json, stderr } = await reconcile('--wait', '0');
  expect({ code, ...json }).toMatchObject({
    code: 1,
    equal: false,
    differing: 0,
    unread: 1,
    unreadRows: [{ table: 'fact_payment', id: 9, kind: 'extra' }],
  });
  expect(stderr).toMatch(/not read yet: fact_payment 9: extra/);
  await totesys(['run'], environment);
  expect((await reconcile('--wait', '0')).json).toMatchObject({ ok: true, equal: true, unread: 0 });
});

test('repair has only the rows that differ read again, and then nothing differs', async () => {
  await source.sql`delete from payment where payment_id = 9`;
  await totesys(['run'], environment);
  await warehouse.sql`delete from etl.deletion where fact = 'fact_payment' and id = 9`;
  await warehouse.sql`insert into etl.deletion (fact, id, deleted_batch) values ('fact_payment', 17, 1)`;
  await warehouse.sql`update fact_sales_order set unit_price = unit_price + 0.01 where sales_order_id in (11, 12)`;
  await warehouse.sql`delete from fact_purchase_orders where purchase_order_id = 5`;
  await warehouse.sql`update dim_staff set location = 'Nowhere' where staff_id = 3`;
  await warehouse.sql`update dim_currency set currency_name = 'Sterling' where currency_code = 'GBP'`;
  await warehouse.sql`update dim_date set day_name = 'Someday' where date_id = (select max(date_id) from dim_date)`;

  const found = await reconcile('--repair');
  expect(found).toMatchObject({ code: 1, json: { differing: 8, repair: { keys: 8, beyond: [] } } });
  // Payment 9 is deleted, and one more row brings its year of the calendar.
  expect((await totesys(['run', '--json'], environment)).json).toMatchObject({ ok: true, rows: 7, deleted: 1 });
  const { code, json } = await reconcile();
  expect({ code, differences: json.differences }).toEqual({ code: 0, differences: [] });
});

test('repair files no request where nothing differs', async () => {
  const before = (await readdir(lake, { recursive: true })).sort();
  expect((await reconcile('--repair')).json).toMatchObject({ ok: true, repair: { requests: [], keys: 0 } });
  expect((await readdir(lake, { recursive: true })).sort()).toEqual(before);
});

test('runs only the checks of --only, and needs only their places', async () => {
  const { code, json } = await totesys(['reconcile', '--json', '--only', 'lake'], { LAKE: lake });
  expect({ code, json }).toMatchObject({ code: 0, json: { ok: true, lake: { faults: 0 } } });
  expect(json).not.toHaveProperty('equal');
  expect((await reconcile('--only', 'rows,history')).json).not.toHaveProperty('lake');
});

test('refuses a check, a time or a batch that does not exist', async () => {
  const calls: readonly (readonly [readonly string[], RegExp])[] = [
    [['--only', 'everything'], /--only does not know 'everything'/],
    [['--wait', 'long'], /--wait is not a time/],
    [['--since', 'x'], /batch number is not valid/],
    [['--repair', '--only', 'lake'], /--repair needs the check of rows/],
  ];
  for (const [args, message] of calls) {
    const { code, stderr } = await reconcile(...args);
    expect({ args, code, stderr }).toEqual({ args, code: 2, stderr: expect.stringMatching(message) });
  }
  const { code, stderr } = await totesys(['reconcile']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/--source.*--warehouse/) });
});

test('files no repair if another option is wrong', async () => {
  await warehouse.sql`delete from fact_purchase_orders where purchase_order_id = 5`;
  const before = (await readdir(lake, { recursive: true })).sort();
  const { code, stdout } = await reconcile('--repair', '--wait', '0', '--since', 'x');
  expect({ code, lines: stdout.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
  expect((await readdir(lake, { recursive: true })).sort()).toEqual(before);
});

test.each(['rows', 'history'])('names the missing tables of an empty warehouse, --only %s', async (check) => {
  const empty = await createTestDatabase();
  const { code, json } = await totesys(['reconcile', '--json', '--only', check], {
    ...environment,
    WAREHOUSE_URL: empty.url,
  });
  await empty.drop();
  expect({ code, error: json.error }).toEqual({
    code: 1,
    error: { code: 'WAREHOUSE_UNFIT', message: expect.stringMatching(/Run: totesys load$/) },
  });
});
