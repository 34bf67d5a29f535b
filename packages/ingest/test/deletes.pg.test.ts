import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
  await totesys.run();
});

afterEach(async () => {
  await totesys.close();
});

describe('a run that finds deleted rows', () => {
  test('names deleted keys, and a changed key as a delete and an insert', async () => {
    await totesys.database.sql`delete from sales_order where sales_order_id in (3, 50)`;
    await totesys.database.sql`update sales_order set sales_order_id = 500 where sales_order_id = 7`;
    expect(await totesys.run()).toMatchObject({ rows: 1, deleted: 3 });
    expect(await totesys.keysOf(2, 'sales_order', 'deleted')).toEqual([3, 7, 50]);
    expect(await totesys.keysOf(2, 'sales_order')).toEqual([500]);
    expect((await totesys.newest()).tables.sales_order!.keys).toEqual({
      count: 98,
      ranges: [
        [1, 2],
        [4, 6],
        [8, 49],
        [51, 100],
        [500, 500],
      ],
    });
  });

  test('finds a delete that an insert hides in the count', async () => {
    await totesys.database.sql`delete from sales_order where sales_order_id = 3`;
    await totesys.orders(101, 101);
    expect(await totesys.run()).toMatchObject({ rows: 1, deleted: 1 });
    expect(await totesys.keysOf(2, 'sales_order', 'deleted')).toEqual([3]);
  });

  test('finds deletes in many parts of a large table, beside new rows', async () => {
    await totesys.orders(1001, 80_000);
    await totesys.run();
    await totesys.database.sql`
      delete from sales_order where sales_order_id in (1001, 8191, 8192, 30000, 30001, 80000)`;
    await totesys.orders(80_001, 80_003);
    expect(await totesys.run()).toMatchObject({ rows: 3, deleted: 6 });
    expect(await totesys.keysOf(3, 'sales_order', 'deleted')).toEqual([1001, 8191, 8192, 30000, 30001, 80000]);
  });

  test('finds deletes at the least and the greatest key of the type, and among keys that are far apart', async () => {
    const keys = [-2_147_483_648, -2_147_483_647, -9_000, -1, 0, 2_147_483_646, 2_147_483_647];
    for (const key of keys) await totesys.orders(key, key);
    await totesys.run();
    await totesys.database.sql`
      delete from sales_order where sales_order_id in (-2147483648, -9000, 0, 2147483647)`;
    expect(await totesys.run()).toMatchObject({ rows: 0, deleted: 4 });
    expect(await totesys.keysOf(3, 'sales_order', 'deleted')).toEqual([-2_147_483_648, -9_000, 0, 2_147_483_647]);
  });

  test('reads all keys once if no index finds them by range', async () => {
    await totesys.orders(1001, 60_000);
    await totesys.database.sql`alter table sales_order drop constraint sales_order_pkey cascade`;
    await totesys.run();
    await totesys.database.sql`delete from sales_order where sales_order_id in (20000, 40000)`;
    expect(await totesys.run()).toMatchObject({ rows: 0, deleted: 2 });
    expect(await totesys.keysOf(3, 'sales_order', 'deleted')).toEqual([20_000, 40_000]);
  });

  test('reads a row that is deleted and inserted again as changed', async () => {
    await totesys.database.sql`delete from sales_order where sales_order_id = 3`;
    await totesys.orders(3, 3);
    expect(await totesys.run()).toMatchObject({ rows: 1, deleted: 0 });
  });

  test('stops at a large share of deleted rows until they are back or the operator accepts it', async () => {
    await totesys.orders(1001, 4000);
    await totesys.run();
    await totesys.database.sql`delete from sales_order where sales_order_id > 2000`;
    const before = await totesys.objectKeys();
    await expect(totesys.run()).rejects.toMatchObject({
      code: 'DELETES_UNUSUAL',
      message: expect.stringContaining('2000 of 3100'),
    });
    await expect(totesys.run()).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
    expect((await totesys.objectKeys()).filter((key) => key.startsWith('_manifests'))).toEqual(
      before.filter((key) => key.startsWith('_manifests')),
    );
    await totesys.store.putIfAbsent(
      '_requests/a.json',
      Buffer.from('{ "kind": "accept-deletes", "table": "sales_order" }'),
    );
    expect(await totesys.run()).toMatchObject({ deleted: 2000 });
    expect((await totesys.newest()).requests).toEqual(['a']);
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('notices rows that vanish while their range is covered again', async () => {
    await totesys.database.sql`update counterparty set commercial_contact = 'mass'`;
    await totesys.run({ batchRows: 8 });
    await totesys.database.sql`delete from sales_order where sales_order_id = 77`;
    await totesys.runAll({ batchRows: 50 });
    expect(await totesys.carried('sales_order', 'deleted')).toEqual([77]);
  });
});
