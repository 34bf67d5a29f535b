import { memoryStore } from '@totesys/lake';
import { totesysModel } from '@totesys/schema';
import { countUnread } from '../../source/src/carried/count-unread.ts';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
});

afterEach(() => totesys.close());

const sql = () => totesys.database.sql;
const WITHOUT_KEY = 'alter table payment drop constraint payment_pkey';
const CHILD = 'create table sales_order_old () inherits (sales_order)';
const duplicate = (table: string, key: number | null) => ({
  code: 'SOURCE_KEY_DUPLICATE',
  context: { table, key },
});
const copyInto = (target: string, key: number) =>
  sql().unsafe(`insert into ${target} select * from sales_order where sales_order_id = ${key}`);
const manifests = async () => (await totesys.objectKeys()).filter((key) => key.startsWith('_manifests/'));

/** Ways in which a table may hold a key twice, or a row without one, though a unique index is there. */
const DOUBTS: [string, string][] = [
  ['without a key', 'alter table sales_order drop constraint sales_order_pkey cascade'],
  [
    'with a partial unique index',
    `alter table sales_order drop constraint sales_order_pkey cascade;
     create unique index partial on sales_order (sales_order_id) where units_sold > 0`,
  ],
  [
    'with a unique index on an expression',
    `alter table sales_order drop constraint sales_order_pkey cascade;
     create unique index computed on sales_order ((case when units_sold > 0 then sales_order_id end))`,
  ],
  [
    'with a unique index on the key and another column',
    `alter table sales_order drop constraint sales_order_pkey cascade;
     create unique index wide on sales_order (sales_order_id, units_sold)`,
  ],
];

describe('a key that occurs twice', () => {
  test.each(DOUBTS)('stops the run in a table %s, where it would hide a delete', async (_what, change) => {
    await totesys.run();
    await sql().unsafe(change);
    expect((await totesys.run()).warnings.join()).toContain("Table 'sales_order' has no unique index on");
    const before = await manifests();
    await sql().unsafe(`insert into sales_order select 7, created_at, last_updated, design_id, staff_id, counterparty_id, 0,
      unit_price, currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id from sales_order where sales_order_id = 8`);
    await sql()`delete from sales_order where sales_order_id = 9`;
    await expect(totesys.run()).rejects.toMatchObject(duplicate('sales_order', 7));
    expect(await manifests()).toEqual(before);
    await sql()`delete from sales_order where sales_order_id = 7 and units_sold = 0`;
    expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 0, deleted: 1 });
  });

  test('stops the run where an inheritance child holds it, whatever index the table has', async () => {
    await sql().unsafe(CHILD);
    await totesys.run();
    await copyInto('sales_order_old', 7);
    await sql()`delete from only sales_order where sales_order_id = 9`;
    await expect(totesys.run()).rejects.toMatchObject({
      ...duplicate('sales_order', 7),
      message: expect.stringContaining("Table 'sales_order' has 2 rows with key 7"),
    });
    await sql()`delete from sales_order_old`;
    expect(await totesys.run()).toMatchObject({ deleted: 1 });
  });

  test.each([
    ['within a chunk', 1_000_000],
    ['across the rows of small chunks', 7],
  ])('stops a first reading, %s', async (_where, batchRows) => {
    await sql().unsafe(CHILD);
    await copyInto('sales_order_old', 57);
    await expect(totesys.runAll({ batchRows })).rejects.toMatchObject(duplicate('sales_order', 57));
  });

  test('stops the run of a table that is covered in part, within what is covered', async () => {
    await sql().unsafe(CHILD);
    for (let run = 0; run < 13; run++) await totesys.run({ batchRows: 10 });
    const { coverage } = (await totesys.newest()).tables.sales_order!;
    expect(coverage).toEqual({ through: expect.any(Number) });
    await copyInto('sales_order_old', 3);
    await expect(totesys.run({ batchRows: 10 })).rejects.toMatchObject(duplicate('sales_order', 3));
  });

  test('stops a run that only counts', async () => {
    await sql().unsafe(CHILD);
    await totesys.run();
    await copyInto('sales_order_old', 7);
    const deps = { model: totesysModel, source: totesys.reader, ingestion: totesys.store };
    await expect(countUnread(deps)).rejects.toMatchObject(duplicate('sales_order', 7));
  });
});

describe('a key that is null', () => {
  beforeEach(async () => {
    await sql().unsafe(`${WITHOUT_KEY}; alter table payment alter column payment_id drop not null;
      create unique index again on payment (payment_id)`);
  });
  const insert = (id: string) =>
    sql().unsafe(`insert into transaction (transaction_id, transaction_type, created_at, last_updated) values (${id === 'null' ? 1 : id}, 'SALE', now(), now());
      insert into payment (payment_id, transaction_id, counterparty_id, payment_amount, currency_id, payment_type_id, paid, payment_date,
        company_ac_number, counterparty_ac_number, created_at, last_updated)
      values (${id}, ${id === 'null' ? 1 : id}, 1, 1, 1, 1, false, '2023-01-01', 1, 1, now(), now())`);

  test('stops a first reading', async () => {
    await insert('2');
    await insert('null');
    await expect(totesys.runAll()).rejects.toMatchObject(duplicate('payment', null));
    totesys.store = memoryStore();
    await expect(totesys.runAll({ batchRows: 1 })).rejects.toMatchObject({ code: 'SOURCE_KEY_DUPLICATE' });
  });

  test('stops a later run', async () => {
    await insert('2');
    await totesys.run();
    await insert('null');
    await expect(totesys.run()).rejects.toMatchObject(duplicate('payment', null));
  });
});

describe('keys that an index proves distinct', () => {
  test.each([
    ['a deferrable constraint', 'alter table payment add unique (payment_id) deferrable initially deferred', false],
    [
      'a unique index with more columns beside',
      'create unique index beside on payment (payment_id) include (paid)',
      true,
    ],
    ['a unique index', 'create unique index plain on payment (payment_id)', true],
  ])('%s', async (_which, index, isProof) => {
    await sql().unsafe(`${WITHOUT_KEY}; ${index}`);
    expect((await totesys.run()).warnings).toHaveLength(isProof ? 0 : 1);
  });

  test('a unique index that failed to build proves nothing', async () => {
    await sql().unsafe(`alter table sales_order drop constraint sales_order_pkey cascade;
      insert into sales_order select * from sales_order where sales_order_id = 7`);
    await expect(
      sql().unsafe('create unique index concurrently failed on sales_order (sales_order_id)'),
    ).rejects.toThrow();
    await expect(totesys.run()).rejects.toMatchObject(duplicate('sales_order', 7));
  });

  test("a partitioned table's index on its partition key proves them once each partition has its own", async () => {
    await sql().unsafe(`alter table payment rename to one; alter table one drop constraint payment_pkey;
      create table payment (like one including defaults) partition by range (payment_id);
      alter table payment attach partition one for values from (1) to (100);
      create unique index whole on only payment (payment_id)`);
    expect((await totesys.run()).warnings.join()).toContain("Table 'payment' has no unique index");
    await sql().unsafe('create unique index of_one on one (payment_id); alter index whole attach partition of_one');
    expect((await totesys.run()).warnings).toEqual([]);
  });
});
