import { populate, startCluster } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';
import { createSource } from './cluster-source.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  await pipeline.run();
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const unitsOf = async (id: number) =>
  (
    await pipeline.warehouse.sql`
      select units_sold from fact_sales_order where sales_order_id = ${id} order by sales_record_id`
  ).map(({ units_sold: units }) => units);

test('a row that two open transactions change, which commit in the other order, has both versions, the last to commit last', async () => {
  const [before] = await unitsOf(9);
  const [elder, younger] = [await source().reserve(), await source().reserve()];
  await elder`begin`;
  await elder`update sales_order set units_sold = 1 where sales_order_id = 8`;
  await younger`begin`;
  await younger`update sales_order set units_sold = 2 where sales_order_id = 9`;
  const waits = elder`update sales_order set units_sold = units_sold + 10 where sales_order_id = 9`.execute();
  await younger`commit`;
  await waits;
  await pipeline.ingest();
  await elder`commit`;
  for (const connection of [elder, younger]) connection.release();
  await pipeline.run();
  expect(await unitsOf(9)).toEqual([before, 2, 12]);
  await expectEqual(pipeline);
});

test('a row that a function wrote in a block with an exception handler arrives, though a run passed while it was open', async () => {
  const writer = await source().reserve();
  await writer`begin`;
  await writer`update sales_order set units_sold = 1 where sales_order_id = 10`;
  await writer.unsafe(`do $$ begin
    begin update sales_order set units_sold = 2 where sales_order_id = 11; exception when others then raise; end;
    begin update sales_order set units_sold = 3 where sales_order_id = 12; raise 'undone'; exception when others then null; end;
  end $$`);
  await source()`update sales_order set units_sold = 4 where sales_order_id = 13`;
  await pipeline.run();
  await writer`commit`;
  writer.release();
  await pipeline.run();
  await expectEqual(pipeline);
  expect(await unitsOf(11)).toHaveLength(2);
  expect(await unitsOf(12)).toHaveLength(1);
});

test('rows under more savepoints than a snapshot lists arrive, though runs passed between them and the commit', async () => {
  const writer = await source().reserve();
  await writer`begin`;
  for (let i = 0; i < 80; i++) {
    await writer.unsafe(`savepoint s; update design set design_name = 'under ${i}' where design_id = ${1 + (i % 400)}`);
    await writer.unsafe(i % 5 === 0 ? 'rollback to savepoint s' : 'release savepoint s');
    if (i % 40 === 0) {
      await source()`update sales_order set units_sold = ${i} where sales_order_id = 14`;
      await pipeline.run();
    }
  }
  await writer`commit`;
  writer.release();
  await pipeline.run();
  await expectEqual(pipeline);
  expect(await pipeline.warehouse.sql`select from dim_design where design_name like 'under %'`).toHaveLength(64);
});

test('a writer that stays open beside many commits keeps each of their rows to one part of the lake, and loses none of its own', async () => {
  const writer = await source().reserve();
  await writer`begin`;
  await writer`update sales_order set units_sold = 1 where sales_order_id = 20`;
  const carried: number[] = [];
  for (let i = 0; i < 6; i++) {
    await source()`update sales_order set units_sold = units_sold + 1 where sales_order_id = ${21 + i}`;
    const result = await pipeline.ingest();
    carried.push(result.outcome === 'committed' ? result.rows : 0);
  }
  await writer`commit`;
  writer.release();
  await pipeline.run();
  expect(carried).toEqual([1, 1, 1, 1, 1, 1]);
  await expectEqual(pipeline);
});

test('a row that its writer deletes and writes again under the same key, in one transaction, arrives as it was left', async () => {
  const [id, units] = [15, 77];
  const writer = await source().reserve();
  await writer`begin`;
  await writer`update transaction set sales_order_id = null where sales_order_id = ${id}`;
  await writer`create temporary table kept on commit drop as select * from sales_order where sales_order_id = ${id}`;
  await writer`delete from sales_order where sales_order_id = ${id}`;
  await writer`insert into sales_order select * from kept`;
  await writer`delete from sales_order where sales_order_id = ${id}`;
  await writer`update kept set units_sold = ${units}`;
  await writer`insert into sales_order select * from kept`;
  await source()`update sales_order set units_sold = 5 where sales_order_id = 16`;
  await pipeline.run();
  await writer`commit`;
  writer.release();
  await pipeline.run();
  await expectEqual(pipeline);
  expect((await unitsOf(id)).slice(1)).toEqual([units]);
});

test('a prepared transaction that is committed after runs have passed, and a restart, arrives', async () => {
  const cluster = await startCluster({ settings: { max_prepared_transactions: 4 } });
  const prepared = await createPipeline(undefined, await createSource(cluster));
  try {
    const { sql } = prepared.source;
    await prepared.run();
    await sql.begin(async (transaction) => {
      await transaction`update sales_order set units_sold = 999 where sales_order_id = 3`;
      await transaction`savepoint inner_one`;
      await transaction`update payment set paid = not paid where payment_id = 4`;
      await transaction`release savepoint inner_one`;
      await transaction.prepare('kept');
    });
    await sql`update sales_order set units_sold = 1 where sales_order_id = 5`;
    await prepared.run();
    await cluster.restart();
    await sql`update sales_order set units_sold = 2 where sales_order_id = 6`;
    await prepared.run();
    expect(await prepared.warehouse.sql`select from fact_sales_order where sales_order_id = 3`).toHaveLength(1);
    await sql`commit prepared 'kept'`;
    await prepared.run();
    await expectEqual(prepared);
    expect(await prepared.warehouse.sql`select from fact_sales_order where sales_order_id = 3`).toHaveLength(2);
    expect(await prepared.warehouse.sql`select from fact_payment where payment_id = 4`).toHaveLength(2);
  } finally {
    await prepared.close();
    await cluster.stop();
  }
});
