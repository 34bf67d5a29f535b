import { populate } from '@totesys/sandbox';
import { coverInPart, createPipeline, expectEqual, type Pipeline, physicalState } from '../pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  // An order that no transaction refers to can be deleted and comes back by itself.
  await source()`update transaction set sales_order_id = null where sales_order_id = 9`;
  await pipeline.run();
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const unitsOf = async (id: number) =>
  (
    await pipeline.warehouse.sql`
      select units_sold from fact_sales_order where sales_order_id = ${id} order by sales_record_id`
  ).map(({ units_sold: units }) => units);
const isCurrent = async (id: number) =>
  (await pipeline.warehouse.sql`select from current_fact_sales_order where sales_order_id = ${id}`).length === 1;
const deletions = async () =>
  (
    await pipeline.warehouse.sql`select id::int, restored_batch is not null as restored from etl.deletion order by id`
  ).map(({ id, restored }) => [id, restored]);

async function takeOut(): Promise<void> {
  await source()`create table kept as select * from sales_order where sales_order_id = 9`;
  await source()`delete from sales_order where sales_order_id = 9`;
}

describe('a row that is deleted and inserted again under its key', () => {
  test('with the same content between two runs makes no version and no deletion', async () => {
    await takeOut();
    await source()`insert into sales_order select * from kept`;
    await pipeline.run();
    expect(await unitsOf(9)).toHaveLength(1);
    expect(await deletions()).toEqual([]);
    await expectEqual(pipeline);
  });

  test('with other content between two runs makes one version and no deletion', async () => {
    await takeOut();
    await source()`update kept set units_sold = 77`;
    await source()`insert into sales_order select * from kept`;
    await pipeline.run();
    expect((await unitsOf(9)).slice(1)).toEqual([77]);
    expect(await deletions()).toEqual([]);
    await expectEqual(pipeline);
  });

  test.each([
    ['the same content makes no version', false],
    ['other content makes one', true],
  ])('after a run that saw it deleted is current again: %s', async (_which, isOther) => {
    await takeOut();
    await pipeline.run();
    expect(await isCurrent(9)).toBe(false);
    if (isOther) await source()`update kept set units_sold = 77`;
    await source()`insert into sales_order select * from kept`;
    await pipeline.run();
    expect(await isCurrent(9)).toBe(true);
    expect((await unitsOf(9)).slice(1)).toEqual(isOther ? [77] : []);
    expect(await deletions()).toEqual([[9, true]]);
    await expectEqual(pipeline, { deletes: true });
  });

  test('beside a writer that stays open is seen deleted and inserted again, each in its batch', async () => {
    const writer = await source().reserve();
    await writer`begin`;
    await writer`update design set design_name = 'open' where design_id = 5`;
    const seen: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      await source()`drop table if exists kept`;
      await takeOut();
      await pipeline.run();
      seen.push(await isCurrent(9));
      await source()`insert into sales_order select * from kept`;
      await pipeline.run();
      seen.push(await isCurrent(9));
    }
    await writer`commit`;
    writer.release();
    await pipeline.run();
    expect(seen).toEqual([false, true, false, true, false, true]);
    expect(await unitsOf(9)).toHaveLength(1);
    await expectEqual(pipeline, { deletes: true });
  });
});

describe('a primary key that is updated', () => {
  test('is a deletion and a new fact, and referring rows follow by cascade', async () => {
    await source()`update sales_order set sales_order_id = 5000 where sales_order_id = 12`;
    await source()`update staff set staff_id = 500 where staff_id = 3`;
    await pipeline.run();
    expect(await deletions()).toEqual([[12, false]]);
    await expectEqual(pipeline, { deletes: true });
    const [{ sales_order_id: referred } = {}] = await pipeline.warehouse.sql`
      select sales_order_id from dim_transaction where sales_order_id = 5000`;
    expect(referred).toBe(5000);
    expect(await pipeline.warehouse.sql`select from current_fact_sales_order where sales_staff_id = 3`).toHaveLength(0);
  });

  test('swapped with another row is two changed facts and no deletion', async () => {
    const [a, b] = [(await unitsOf(12))[0], (await unitsOf(13))[0]];
    await source().begin(async (sql) => {
      await sql`update sales_order set sales_order_id = -1 where sales_order_id = 12`;
      await sql`update sales_order set sales_order_id = 12 where sales_order_id = 13`;
      await sql`update sales_order set sales_order_id = 13 where sales_order_id = -1`;
    });
    await pipeline.run();
    expect([await unitsOf(12), await unitsOf(13)]).toEqual([
      [a, b],
      [b, a],
    ]);
    expect(await deletions()).toEqual([]);
    await expectEqual(pipeline);
  });

  test('to zero, to a negative number and to the ends of its range is carried, with its later changes', async () => {
    const ends = [0, -1, -2147483648, 2147483647];
    for (const [i, key] of ends.entries()) {
      await source()`update sales_order set sales_order_id = ${key} where sales_order_id = ${20 + i}`;
    }
    await pipeline.run();
    for (const key of ends) await source()`update sales_order set units_sold = 5 where sales_order_id = ${key}`;
    await source()`delete from payment where payment_id in (select payment_id from payment join transaction using (transaction_id) where sales_order_id = -1)`;
    await source()`delete from sales_order where sales_order_id = -1`;
    await pipeline.run();
    await expectEqual(pipeline, { deletes: true });
    expect(await unitsOf(0)).toHaveLength(2);
    expect(await isCurrent(-1)).toBe(false);
  });

  test.each([
    ['out of the covered range, is deleted until its new key is covered', 12, 5000],
    ['into what is covered from beyond, is there once in the end', 38, -5],
  ])('that moves, while a first load has got half way, %s', async (_how, from, to) => {
    const fresh = await createPipeline();
    try {
      await populate(fresh.source.sql, { seed: 7, salesOrders: 40, purchaseOrders: 20 });
      await fresh.source.sql`delete from design where design_id not in (select design_id from sales_order)`;
      await coverInPart(fresh, 'sales_order', 15, 25);
      await fresh.source.sql`update sales_order set sales_order_id = ${to} where sales_order_id = ${from}`;
      await fresh.run(60);
      await expectEqual(fresh, { deletes: true });
    } finally {
      await fresh.close();
    }
  });
});

test('a table that is truncated and filled with equal rows adds no version, and with other rows one for each difference', async () => {
  await source()`create table kept as select * from payment`;
  await source()`truncate payment`;
  await source()`insert into payment select * from kept`;
  const before = await physicalState(pipeline);
  await pipeline.run();
  const changed = (state: string[]) => state.filter((row, i) => row !== before[i]).map((row) => row.split(' ')[0]);
  expect(changed(await physicalState(pipeline))).toEqual(['etl.ledger']);
  await source()`truncate payment`;
  await source()`insert into payment select * from kept where payment_id <> 7`;
  await source()`update payment set payment_amount = payment_amount + 0.01 where payment_id = 8`;
  await pipeline.run();
  const versions = await pipeline.warehouse.sql`select payment_id from fact_payment group by 1 having count(*) > 1`;
  expect(versions).toEqual([{ payment_id: 8 }]);
  await expectEqual(pipeline, { deletes: true });
});
