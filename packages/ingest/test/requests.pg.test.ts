import { requestKey, writeRequest } from '@totesys/lake';
import { storeWith } from '../../lake/test/store-with.ts';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;

beforeEach(async () => {
  source = await createIngestedSource();
});

afterEach(() => source.close());

const sql = () => source.database.sql;
const serials = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const put = (id: string, body: string) => source.store.putIfAbsent(requestKey(id), Buffer.from(body));

describe('a request for rows', () => {
  beforeEach(async () => {
    await source.run();
  });

  test('brings them as changed ones though they did not change, and is named by the batch and answered once', async () => {
    const id = await source.ask('sales_order', [3, 5], [50, 50]);
    expect(await source.run()).toMatchObject({ outcome: 'committed', batch: 2, rows: 4, deleted: 0, complete: true });
    expect(await source.keysOf(2, 'sales_order')).toEqual([3, 4, 5, 50]);
    expect(await source.newest()).toMatchObject({ requests: [id], requestState: { through: 1, named: [], open: [] } });
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('brings a row once that has changed as well, and with its new values', async () => {
    await sql()`update sales_order set units_sold = 7 where sales_order_id = 3`;
    await source.ask('sales_order', [1, 5]);
    await source.ask('sales_order', [4, 6]);
    expect(await source.run()).toMatchObject({ rows: 6 });
    expect(await source.keysOf(2, 'sales_order')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('names as deleted what is asked for and is not there, known or not', async () => {
    await sql()`delete from sales_order where sales_order_id = 9`;
    await source.ask('sales_order', [8, 9], [700, 701]);
    expect(await source.run()).toMatchObject({ rows: 1, deleted: 3 });
    expect(await source.keysOf(2, 'sales_order', 'deleted')).toEqual([9, 700, 701]);
    expect((await source.newest()).tables.sales_order!.keys.count).toBe(99);
    await source.orders(700, 700);
    expect(await source.run()).toMatchObject({ rows: 1, deleted: 0 });
  });

  test('of staff brings its department, of a department its staff', async () => {
    await source.ask('staff', [3, 3]);
    await source.run();
    expect(await source.keysOf(2, 'staff')).toEqual([3]);
    expect(await source.keysOf(2, 'department', 'lookup')).toEqual([4]);
    await source.ask('department', [2, 2]);
    await source.run();
    expect(await source.keysOf(3, 'department')).toEqual([2]);
    expect(await source.keysOf(3, 'staff', 'context')).toEqual([1, 5]);
  });

  test('beside a writer that stays open carries no row again each minute', async () => {
    const writer = await sql().reserve();
    await writer`begin`;
    await writer`update design set design_name = 'open' where design_id = 5`;
    await sql()`update sales_order set units_sold = 7 where sales_order_id = 3`;
    await source.run();
    await source.ask('sales_order', [2, 3]);
    expect(await source.run()).toMatchObject({ rows: 2 });
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
    await writer`rollback`;
    writer.release();
  });

  test('larger than a budget is carried by several batches, each row once, and changes are not held up', async () => {
    await source.orders(101, 200);
    await source.run();
    const id = await source.ask('sales_order', [1, 5_000]);
    const first = await source.run({ batchRows: 30 });
    expect(first).toMatchObject({ outcome: 'committed', batch: 3, rows: 30, complete: false });
    expect(await source.newest()).toMatchObject({
      requests: [id],
      requestState: { open: [{ id, done: { sales_order: 30 } }] },
    });
    await sql()`update payment_type set last_updated = now()`;
    await sql()`update sales_order set units_sold = 0 where sales_order_id in (2, 199)`;
    await source.run({ batchRows: 30 });
    expect(await source.keysOf(4, 'payment_type')).toEqual([1]);
    expect(await source.keysOf(4, 'sales_order')).toEqual([2, ...serials(31, 60), 199]);
    await source.runAll({ batchRows: 30 });
    expect(await source.carried('sales_order', 'changed', 5)).toEqual(serials(61, 200));
    expect(new Set(await source.carried('sales_order', 'deleted', 3))).toEqual(new Set(serials(201, 5_000)));
    expect((await source.newest()).requestState).toEqual({ through: 1, named: [], open: [] });
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('that a spent run could not begin stays for the next', async () => {
    await sql()`update counterparty set commercial_contact = 'mass'`;
    await source.ask('department', [1, 4]);
    await source.run({ batchRows: 20 });
    expect(await source.keysOf(2, 'department')).toEqual([]);
    expect((await source.newest()).requestState!.open).toEqual([{ id: '0000000001', done: {} }]);
    await source.run({ batchRows: 20 });
    expect(await source.keysOf(3, 'department')).toEqual([1, 2, 3, 4]);
  });

  test('for keys in many small ranges and some wide ones brings exactly those', async () => {
    await source.orders(101, 8_000);
    await source.run();
    const odd = serials(1, 1_000).map((i): [number, number] => [2 * i - 1, 2 * i - 1]);
    await source.ask('sales_order', ...odd, [3_000, 5_500], [7_999, 2_000_000]);
    await source.runAll({ batchRows: 700 });
    expect(await source.carried('sales_order', 'changed', 3)).toEqual([
      ...odd.map(([key]) => key),
      ...serials(3_000, 5_500),
      7_999,
      8_000,
    ]);
    // The last range is too wide to name what was never there.
    expect(await source.carried('sales_order', 'deleted', 3)).toEqual([]);
  });

  test('for all there is, of any size, reads the table once and names nothing deleted that was never known', async () => {
    await source.ask('sales_order', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
    await source.ask('staff', [-0x80000000, 0x7fffffff]);
    await sql()`delete from sales_order where sales_order_id = 50`;
    expect(await source.run()).toMatchObject({ rows: 107, deleted: 1, complete: true });
    expect(await source.keysOf(2, 'sales_order', 'deleted')).toEqual([50]);
  });

  test('does not accept the deletion of a large share of a table', async () => {
    await source.orders(101, 3_000);
    await source.run();
    await sql()`delete from sales_order where sales_order_id > 1000`;
    await source.ask('sales_order', [1, 3_000]);
    await expect(source.run()).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
    await writeRequest(source.store, { kind: 'accept-deletes', table: 'sales_order' });
    expect(await source.run()).toMatchObject({ deleted: 2_000 });
    expect((await source.newest()).requests).toEqual(['0000000002', '0000000001']);
  });

  test('that names thousands of rows nobody ever knew is no loss of known ones', async () => {
    await source.ask('sales_order', [1_001, 4_000]);
    expect(await source.run()).toMatchObject({ rows: 0, deleted: 3_000 });
  });

  test('that is answered with nothing makes a batch that says so', async () => {
    const id = await writeRequest(source.store, { kind: 'accept-deletes', table: 'payment' });
    expect(await source.run()).toMatchObject({ outcome: 'committed', rows: 0, deleted: 0, complete: true });
    expect((await source.newest()).requests).toEqual([id]);
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('that many have filed leaves manifests as small as one', async () => {
    for (let i = 1; i <= 30; i++) await source.ask('staff', [1, 1]);
    await source.run();
    await source.ask('staff', [2, 2]);
    await source.run();
    expect(await source.newest()).toMatchObject({
      requests: ['0000000031'],
      requestState: { through: 31, named: [], open: [] },
    });
  });

  test('that is withdrawn before it is read to its end is forgotten', async () => {
    const id = await source.ask('sales_order', [1, 100]);
    await source.run({ batchRows: 10 });
    // A store that hides the object behaves like one from which the operator has removed it.
    const whole = source.store;
    source.store = storeWith(whole, {
      async *list(prefix, options) {
        for await (const object of whole.list(prefix, options)) if (object.key !== requestKey(id)) yield object;
      },
    });
    await source.orders(101, 101);
    expect(await source.run()).toMatchObject({ rows: 1 });
    expect((await source.newest()).requestState!.open).toEqual([]);
  });
});

test('requests with names of their own, and those of the first manifests, are answered once', async () => {
  await put('a', '{ "kind": "accept-deletes", "table": "sales_order" }');
  await source.run();
  expect(await source.newest()).toMatchObject({
    requests: ['a'],
    requestState: { through: 0, named: ['a'], open: [] },
  });
  await put('b/c', '{}');
  expect(await source.run()).toMatchObject({ outcome: 'unchanged', warnings: [] });
});
