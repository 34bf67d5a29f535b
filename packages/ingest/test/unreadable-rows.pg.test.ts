import { damageText } from '@totesys/sandbox';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
});

afterEach(() => totesys.close());

const sql = () => totesys.database.sql;
const damageOrder = (key: number) => damageText(sql(), { table: 'sales_order', column: 'agreed_payment_date', key });
const unreadable = (key: number, column: string) => ({
  key,
  column,
  reason: 'unreadable in the source: SQLSTATE XX001',
  text: null,
});
const range = (first: number, last: number, ...without: number[]) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((key) => !without.includes(key));

test('a row that cannot be read goes into quarantine at a first reading, and all others arrive', async () => {
  await damageOrder(1);
  await damageOrder(57);
  await damageOrder(100);
  const result = await totesys.run();
  expect(result).toMatchObject({ outcome: 'committed', complete: true, quarantined: 3 });
  expect(result.warnings).toEqual([
    expect.stringMatching(
      /^Table 'sales_order' has 3 rows that the source cannot read: key 1, 57, 100 \(XX001: .*quarantine replay sales_order$/,
    ),
  ]);
  expect(await totesys.keysOf(1, 'sales_order')).toEqual(range(1, 100, 1, 57, 100));
  expect(await totesys.quarantined(1, 'sales_order')).toEqual(
    [1, 57, 100].map((key) => unreadable(key, 'agreed_payment_date')),
  );
  const { keys, coverage } = (await totesys.newest()).tables.sales_order!;
  expect({ keys, coverage }).toEqual({ keys: { count: 100, ranges: [[1, 100]] }, coverage: 'full' });
  expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
});

test('a first reading by small chunks carries each row once', async () => {
  await damageOrder(57);
  await totesys.runAll({ batchRows: 25 });
  expect((await totesys.carried('sales_order')).sort((a, b) => a - b)).toEqual(range(1, 100, 57));
});

test('a row that stays in the window, with a writer open, is in quarantine once', async () => {
  await totesys.run();
  const writer = await sql().reserve();
  await writer`begin`;
  await writer`update design set design_name = 'open' where design_id = 5`;
  await damageOrder(57);
  expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 0, quarantined: 1 });
  expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
  await totesys.orders(101, 101);
  expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 1, quarantined: 0 });
  expect(await totesys.keysOf(3, 'sales_order')).toEqual([101]);
  await writer`commit`;
  writer.release();
  expect(await totesys.run()).toMatchObject({ rows: 1, quarantined: 0, deleted: 0 });
});

test('a row that is repaired, changed or deleted afterwards arrives', async () => {
  for (const key of [7, 8, 9]) await damageOrder(key);
  await totesys.run();
  await sql()`update sales_order set agreed_payment_date = '2024-01-01' where sales_order_id = 7`;
  await sql()`delete from sales_order where sales_order_id = 8`;
  expect(await totesys.run()).toMatchObject({ rows: 1, deleted: 1, quarantined: 0 });
  expect(await totesys.keysOf(2, 'sales_order')).toEqual([7]);
  expect(await totesys.keysOf(2, 'sales_order', 'deleted')).toEqual([8]);
});

test('a request reads the row again: it is present, so in quarantine and not deleted', async () => {
  await damageOrder(57);
  await totesys.run();
  await totesys.ask('sales_order', [50, 60]);
  await totesys.ask('sales_order', [2000, 4000]);
  expect(await totesys.run()).toMatchObject({ rows: 10, quarantined: 1, deleted: 2001 });
  expect(await totesys.quarantined(2, 'sales_order')).toEqual([unreadable(57, 'agreed_payment_date')]);
});

test('a dimension row that cannot be read stops neither what it joins to nor what joins to it', async () => {
  await totesys.run();
  await damageText(sql(), { table: 'department', column: 'location', key: 2 });
  await damageText(sql(), { table: 'department', column: 'manager', key: 2 });
  await sql()`update department set department_name = 'new' where department_id in (2, 3)`;
  await sql()`update staff set first_name = 'new' where staff_id = 1`;
  expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 2, quarantined: 1 });
  expect(await totesys.keysOf(2, 'department')).toEqual([3]);
  // Staff 1 and 5 are of department 2: the one changed, the other keeps what it shows.
  expect(await totesys.keysOf(2, 'staff')).toEqual([1]);
  expect(await totesys.keysOf(2, 'staff', 'context')).toEqual([2, 6]);
  expect(await totesys.keysOf(2, 'department', 'lookup')).toEqual([3]);
  expect(await totesys.quarantined(2, 'department')).toEqual([unreadable(2, 'location'), unreadable(2, 'manager')]);
});

test('a row that is only looked up, or only context, goes into quarantine as well', async () => {
  await totesys.run();
  await damageText(sql(), { table: 'department', column: 'location', key: 2 });
  await damageText(sql(), { table: 'staff', column: 'last_name', key: 2 });
  await totesys.run();
  await sql()`update staff set first_name = 'new' where staff_id = 1`;
  await sql()`update department set department_name = 'new' where department_id = 3`;
  expect(await totesys.run()).toMatchObject({ rows: 2, quarantined: 2 });
  expect(await totesys.quarantined(3, 'department')).toEqual([unreadable(2, 'location')]);
  expect(await totesys.quarantined(3, 'staff')).toEqual([unreadable(2, 'last_name')]);
  expect(await totesys.keysOf(3, 'staff', 'context')).toEqual([6]);
});

test('a hundred rows of a table go into quarantine in one run, one more stops it', async () => {
  await totesys.orders(101, 101);
  for (let key = 2; key <= 101; key++) await damageOrder(key);
  expect(await totesys.run()).toMatchObject({ outcome: 'committed', quarantined: 100 });
  expect(await totesys.keysOf(1, 'sales_order')).toEqual([1]);
  await totesys.ask('sales_order', [1, 101]);
  await damageOrder(1);
  const before = await totesys.objectKeys();
  await expect(totesys.run()).rejects.toMatchObject({
    code: 'SOURCE_ROW_UNREADABLE',
    message: expect.stringMatching(
      /^Table 'sales_order' has more than 100 rows that the source cannot read: key 1, 2, .*XX001/,
    ),
    context: { table: 'sales_order' },
  });
  expect((await totesys.objectKeys()).filter((key) => key.startsWith('_manifests'))).toEqual(
    before.filter((key) => key.startsWith('_manifests')),
  );
});
