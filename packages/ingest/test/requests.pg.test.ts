import { MOST_REQUEST_BYTES, type ReadRequest, requestKey, type Store, writeRequest } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;
let store: Store;

beforeEach(async () => {
  source = await createIngestedSource();
  store = source.store;
});

afterEach(async () => {
  await source.close();
});

const sql = () => source.database.sql;
const ask = (table: string, ...keys: [number, number][]) => askAll([{ table, keys }]);
const askAll = (tables: ReadRequest['tables']) => writeRequest(store, { kind: 'read', reason: 'repair', tables });
const serials = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const put = (id: string, body: string) => store.putIfAbsent(requestKey(id), Buffer.from(body));

async function carried(table: string, first: number, role: 'changed' | 'deleted' = 'changed'): Promise<number[]> {
  const keys: number[] = [];
  for (let batch = first; batch <= (await source.newest()).batch; batch++) {
    keys.push(...(await source.keysOf(batch, table, role)));
  }
  return keys;
}

describe('a request for rows', () => {
  beforeEach(async () => {
    await source.run();
  });

  test('brings them as changed ones though they did not change, and is named by the batch and answered once', async () => {
    const id = await ask('sales_order', [3, 5], [50, 50]);
    expect(await source.run()).toMatchObject({ outcome: 'committed', batch: 2, rows: 4, deleted: 0, complete: true });
    expect(await source.keysOf(2, 'sales_order')).toEqual([3, 4, 5, 50]);
    expect(await source.newest()).toMatchObject({ requests: [id], requestState: { through: 1, named: [], open: [] } });
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('brings a row once that has changed as well, and with its new values', async () => {
    await sql()`update sales_order set units_sold = 7 where sales_order_id = 3`;
    await ask('sales_order', [1, 5]);
    await ask('sales_order', [4, 6]);
    expect(await source.run()).toMatchObject({ rows: 6 });
    expect(await source.keysOf(2, 'sales_order')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('names as deleted what is asked for and is not there, known or not', async () => {
    await sql()`delete from sales_order where sales_order_id = 9`;
    await ask('sales_order', [8, 9], [700, 701]);
    expect(await source.run()).toMatchObject({ rows: 1, deleted: 3 });
    expect(await source.keysOf(2, 'sales_order', 'deleted')).toEqual([9, 700, 701]);
    expect((await source.newest()).tables.sales_order!.keys.count).toBe(99);
    await source.orders(700, 700);
    expect(await source.run()).toMatchObject({ rows: 1, deleted: 0 });
  });

  test('of staff brings its department, of a department its staff', async () => {
    await ask('staff', [3, 3]);
    await source.run();
    expect(await source.keysOf(2, 'staff')).toEqual([3]);
    expect(await source.keysOf(2, 'department', 'lookup')).toEqual([4]);
    await ask('department', [2, 2]);
    await source.run();
    expect(await source.keysOf(3, 'department')).toEqual([2]);
    expect(await source.keysOf(3, 'staff', 'context')).toEqual([1, 5]);
  });

  test('beside a writer that stays open brings no row anew each minute', async () => {
    const writer = await sql().reserve();
    await writer`begin`;
    await writer`update design set design_name = 'open' where design_id = 5`;
    await sql()`update sales_order set units_sold = 7 where sales_order_id = 3`;
    await source.run();
    await ask('sales_order', [2, 3]);
    expect(await source.run()).toMatchObject({ rows: 2 });
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
    await writer`rollback`;
    writer.release();
  });

  test('larger than a budget is carried by several batches, each row once, and changes are not held up', async () => {
    await source.orders(101, 200);
    await source.run();
    const id = await ask('sales_order', [1, 5_000]);
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
    expect(await carried('sales_order', 5)).toEqual(serials(61, 200));
    expect(new Set(await carried('sales_order', 3, 'deleted'))).toEqual(new Set(serials(201, 5_000)));
    expect((await source.newest()).requestState).toEqual({ through: 1, named: [], open: [] });
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('that a spent run could not begin stays for the next', async () => {
    await sql()`update counterparty set commercial_contact = 'mass'`;
    await ask('department', [1, 4]);
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
    await ask('sales_order', ...odd, [3_000, 5_500], [7_999, 2_000_000]);
    await source.runAll({ batchRows: 700 });
    expect(await carried('sales_order', 3)).toEqual([
      ...odd.map(([key]) => key),
      ...serials(3_000, 5_500),
      7_999,
      8_000,
    ]);
    // The last range is too wide to name what was never there.
    expect(await carried('sales_order', 3, 'deleted')).toEqual([]);
  });

  test('for all there is, of any size, reads the table once and names nothing deleted that was never known', async () => {
    await ask('sales_order', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
    await ask('staff', [-0x80000000, 0x7fffffff]);
    await sql()`delete from sales_order where sales_order_id = 50`;
    expect(await source.run()).toMatchObject({ rows: 107, deleted: 1, complete: true });
    expect(await source.keysOf(2, 'sales_order', 'deleted')).toEqual([50]);
  });

  test('does not accept that a large share of a table is gone', async () => {
    await source.orders(101, 3_000);
    await source.run();
    await sql()`delete from sales_order where sales_order_id > 1000`;
    await ask('sales_order', [1, 3_000]);
    await expect(source.run()).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
    await writeRequest(store, { kind: 'accept-deletes', table: 'sales_order' });
    expect(await source.run()).toMatchObject({ deleted: 2_000 });
    expect((await source.newest()).requests).toEqual(['0000000002', '0000000001']);
  });

  test('that names thousands of rows nobody ever knew is no loss of known ones', async () => {
    await ask('sales_order', [1_001, 4_000]);
    expect(await source.run()).toMatchObject({ rows: 0, deleted: 3_000 });
  });

  test('that is answered with nothing makes a batch that says so', async () => {
    const id = await writeRequest(store, { kind: 'accept-deletes', table: 'payment' });
    expect(await source.run()).toMatchObject({ outcome: 'committed', rows: 0, deleted: 0, complete: true });
    expect((await source.newest()).requests).toEqual([id]);
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('that many have filed leaves manifests as small as one', async () => {
    for (let i = 1; i <= 30; i++) await ask('staff', [1, 1]);
    await source.run();
    await ask('staff', [2, 2]);
    await source.run();
    expect(await source.newest()).toMatchObject({
      requests: ['0000000031'],
      requestState: { through: 31, named: [], open: [] },
    });
  });

  test('that is withdrawn before it is read to its end is forgotten', async () => {
    const id = await ask('sales_order', [1, 100]);
    const kept = store.list;
    await source.run({ batchRows: 10 });
    // A store that hides the object stands for one from which a person has removed it.
    Object.assign(store, {
      list: async function* (prefix: string, options?: { after?: string; limit?: number }) {
        for await (const object of kept(prefix, options)) if (object.key !== requestKey(id)) yield object;
      },
    });
    await source.orders(101, 101);
    expect(await source.run()).toMatchObject({ rows: 1 });
    expect((await source.newest()).requestState!.open).toEqual([]);
  });
});

describe('a request for keys that are not covered yet', () => {
  test('waits for coverage, which carries them once, and names what is not there', async () => {
    await ask('sales_order', [40, 45], [300, 301]);
    await source.runAll({ batchRows: 20 });
    expect(await carried('sales_order', 1)).toEqual(serials(1, 100));
    expect(await carried('sales_order', 1, 'deleted')).toEqual([300, 301]);
    expect((await source.newest()).requestState).toEqual({ through: 1, named: [], open: [] });
  });

  test('is read as far as coverage has come', async () => {
    do await source.run({ batchRows: 20 });
    while (typeof (await source.newest()).tables.sales_order!.coverage !== 'object');
    const before = await source.newest();
    await ask('sales_order', [1, 2], [99, 99]);
    await source.runAll({ batchRows: 20 });
    expect(await carried('sales_order', before.batch + 1)).toEqual(expect.arrayContaining([1, 2]));
    const all = await carried('sales_order', 1);
    expect(all.filter((key) => key === 99)).toEqual([99]);
    expect((await source.newest()).requestState!.open).toEqual([]);
  });
});

describe('a request that cannot be answered', () => {
  beforeEach(async () => {
    await source.run();
  });
  const read = (tables: unknown) => JSON.stringify({ kind: 'read', reason: 'repair', tables });

  test.each<[string, string]>([
    ['no JSON', '{ "kind": "read"'],
    ['nothing', ''],
    ['an unknown kind', '{ "kind": "drop", "table": "staff" }'],
    ['an unknown table', read([{ table: 'staffs', keys: [[1, 2]] }])],
    [
      'one unknown table among known ones',
      read([
        { table: 'staff', keys: [[1, 2]] },
        { table: '__proto__', keys: [[1, 2]] },
      ]),
    ],
    ['keys as text', read([{ table: 'staff', keys: [['1', '2; drop table staff']] }])],
    [
      'keys that are infinite',
      '{"kind":"read","reason":"repair","tables":[{"table":"staff","keys":[[-1e999,1e999]]}]}',
    ],
    ['keys the wrong way round', read([{ table: 'staff', keys: [[2, 1]] }])],
    ['one number where a range should be', read([{ table: 'staff', keys: [1] }])],
    [
      'too many keys named one by one',
      read([{ table: 'staff', keys: serials(0, 200).map((i) => [i * 2_000_000, i * 2_000_000 + 999_999]) }]),
    ],
    ['nested arrays without end', '['.repeat(100_000)],
    ['too many bytes', ' '.repeat(MOST_REQUEST_BYTES + 1)],
  ])('%s: is told, left, and blocks neither changes nor other requests', async (_what, body) => {
    await put('0000000001', body);
    await ask('staff', [2, 2]);
    await source.orders(101, 101);
    const told: string[] = [];
    const telemetry = { ...silentTelemetry, warn: (event: string) => void told.push(event) };
    const result = await source.run({ telemetry });
    expect(result).toMatchObject({ outcome: 'committed', rows: 2, complete: true });
    expect(result.warnings).toEqual([expect.stringContaining("'0000000001'")]);
    expect(told).toEqual(['request:unreadable']);
    expect(await source.newest()).toMatchObject({
      requests: ['0000000002'],
      requestState: { through: 2, open: [{ id: '0000000001' }] },
    });
    const next = await source.run();
    expect(next).toMatchObject({ outcome: 'unchanged', warnings: [expect.stringContaining('0000000001')] });
  });

  test.each<[string, [number, number][]]>([
    ['negative keys', [[-5, -1]]],
    ['keys beyond int4', [[0x80000000, 0x80000010]]],
    [
      'keys at the ends of int4',
      [
        [-0x80000000, -0x7fffffff],
        [0x7ffffffe, 0x7fffffff],
      ],
    ],
    [
      'wide ranges at the ends of int4',
      [
        [-0x80000000, -0x7ff00000],
        [0x7ff00000, 0x7fffffff],
      ],
    ],
    ['keys at the ends of what JSON can say', [[Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER + 3]]],
  ])('with %s is answered', async (_what, keys) => {
    const id = await ask('sales_order', ...keys);
    expect(await source.run()).toMatchObject({ outcome: 'committed', rows: 0, complete: true });
    expect(await source.newest()).toMatchObject({ requests: [id], requestState: { open: [] } });
    expect((await source.newest()).tables.sales_order!.keys.count).toBe(100);
  });

  test('and one that a newer model understands is answered then', async () => {
    await put(
      '0000000001',
      read([
        { table: 'staff', keys: [[1, 1]] },
        { table: 'gift', keys: [[1, 1]] },
      ]),
    );
    await source.orders(101, 101);
    await source.run();
    const { totesysModel } = await import('@totesys/schema');
    const staff = totesysModel.source.find(({ name }) => name === 'department')!;
    await sql()`create table gift as select department_id, department_name, location, manager, created_at, last_updated from department`;
    const model = { ...totesysModel, source: [...totesysModel.source, { ...staff, name: 'gift' }] };
    await source.runAll({ model });
    expect(await carried('staff', 3)).toEqual([1]);
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
