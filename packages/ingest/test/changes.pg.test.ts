import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
  await totesys.run();
});

afterEach(async () => {
  await totesys.close();
});

describe('a run after a first load', () => {
  test('writes no object when nothing changed', async () => {
    const before = await totesys.objectKeys();
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
    expect(await totesys.objectKeys()).toEqual(before);
  });

  test('writes no object after VACUUM FULL, CLUSTER and REINDEX', async () => {
    await totesys.database.sql.unsafe('vacuum full sales_order');
    await totesys.database.sql.unsafe('cluster staff using staff_pkey');
    await totesys.database.sql.unsafe('reindex table sales_order');
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('finds an edit that left last_updated alone', async () => {
    await totesys.database.sql`update sales_order set units_sold = 7 where sales_order_id = 42`;
    expect(await totesys.run()).toMatchObject({ outcome: 'committed', batch: 2, rows: 1 });
    expect(await totesys.keysOf(2, 'sales_order')).toEqual([42]);
  });

  test('finds a row of a transaction that was open during a run and commits later', async () => {
    const writer = await totesys.database.sql.reserve();
    await writer`begin`;
    await writer`update sales_order set units_sold = 1 where sales_order_id = 10`;
    await totesys.database.sql`update sales_order set units_sold = 2 where sales_order_id = 11`;
    await totesys.run();
    expect(await totesys.keysOf(2, 'sales_order')).toEqual([11]);
    await writer`commit`;
    writer.release();
    await totesys.run();
    expect(await totesys.keysOf(3, 'sales_order')).toEqual([10]);
  });

  test('finds a row that was written under a savepoint', async () => {
    const writer = await totesys.database.sql.reserve();
    await writer`begin`;
    await writer`update sales_order set units_sold = 1 where sales_order_id = 20`;
    await writer`savepoint s`;
    await writer`update sales_order set units_sold = 1 where sales_order_id = 21`;
    await writer`release savepoint s`;
    await totesys.database.sql`update sales_order set units_sold = 2 where sales_order_id = 11`;
    await totesys.run();
    expect(await totesys.keysOf(2, 'sales_order')).toEqual([11]);
    await writer`commit`;
    writer.release();
    await totesys.run();
    expect(await totesys.keysOf(3, 'sales_order')).toEqual([20, 21]);
  });

  test('carries each row once beside a writer that stays open, however many runs pass', async () => {
    const writer = await totesys.database.sql.reserve();
    await writer`begin`;
    await writer`update design set design_name = 'open' where design_id = 5`;
    const carried: number[] = [];
    for (let i = 0; i < 40; i++) {
      await totesys.orders(1000 + i, 1000 + i);
      expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 1 });
      carried.push(...(await totesys.keysOf(2 + i, 'sales_order')));
    }
    expect(carried).toEqual(Array.from({ length: 40 }, (_, i) => 1000 + i));
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
    const manifest = await totesys.newest();
    // The pairs were written again at least once, so that a run does not read a part a minute.
    expect(manifest.batch - manifest.pairsSince!).toBeLessThan(34);
    await writer`commit`;
    writer.release();
    expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 1 });
    expect(await totesys.keysOf(42, 'design')).toEqual([5]);
  });

  test('reads a table again whose column was dropped and added with a default, although no transaction id shows it', async () => {
    await totesys.database.sql.unsafe(
      `alter table design drop column file_name; alter table design add column file_name text not null default 'new'`,
    );
    expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 5 });
    expect(await totesys.keysOf(2, 'design')).toEqual([1, 2, 3, 4, 5]);
  });

  test('reads a table again whose enum labels were swapped', async () => {
    await totesys.database.sql.unsafe(`alter type "PaymentTypeName" rename value 'SALES_RECEIPT' to 'x';
      alter type "PaymentTypeName" rename value 'SALES_REFUND' to 'SALES_RECEIPT'; alter type "PaymentTypeName" rename value 'x' to 'SALES_REFUND'`);
    expect(await totesys.run()).toMatchObject({ outcome: 'committed', rows: 1 });
  });

  test('lets coverage fall back at a mass update larger than its budget, and loses nothing', async () => {
    await totesys.database.sql`update counterparty set commercial_contact = 'mass'`;
    await totesys.orders(101, 110);
    expect(await totesys.run({ batchRows: 8 })).toMatchObject({ outcome: 'committed', complete: false });
    const manifest = await totesys.newest();
    expect(manifest.tables.counterparty!.coverage).toEqual({ through: 8 });
    expect(manifest.tables.sales_order!.coverage).toBe('none');
    expect(manifest.tables.sales_order!.keys.count).toBe(100);
    await totesys.runAll({ batchRows: 50 });
    expect((await totesys.newest()).tables.sales_order).toMatchObject({ coverage: 'full', keys: { count: 110 } });
    expect(new Set(await totesys.carried('counterparty', 'changed', 2)).size).toBe(20);
  });
});
