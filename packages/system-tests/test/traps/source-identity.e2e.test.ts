import type { IngestResult } from '@totesys/ingest';
import { type Cluster, type ClusterOptions, startCluster, type TestDatabase } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';
import { createSource, sourceOf } from './cluster-source.ts';

const clusters: Cluster[] = [];
let main: Cluster;
let pipeline: Pipeline;

const settings = { autovacuum: 'off', shared_buffers: '32MB' };

async function start(options: ClusterOptions): Promise<Cluster> {
  const cluster = await startCluster({ ...options, settings });
  clusters.push(cluster);
  return cluster;
}

beforeAll(async () => {
  main = await startCluster({ settings });
});

beforeEach(async () => {
  pipeline = await createPipeline(undefined, await createSource(main));
});

afterEach(async () => {
  await pipeline.close();
  for (const cluster of clusters.splice(0)) await cluster.stop();
  await main.dropDatabase('totesys');
});

afterAll(() => main?.stop());

const unitsOf = async (id: number) =>
  (
    await pipeline.warehouse.sql`
      select units_sold from fact_sales_order where sales_order_id = ${id} order by sales_record_id`
  ).map(({ units_sold: units }) => units);
const countVersions = async () =>
  (
    await pipeline.warehouse
      .sql`select (select count(*) from fact_sales_order)::int + (select count(*) from fact_payment)::int
                                   + (select count(*) from fact_purchase_orders)::int as versions`
  )[0]!.versions;
const saysSo = (result: IngestResult) => result.warnings.some((warning) => warning.includes('another history'));

/** Runs all stages; returns whether any ingest reported another source. */
async function runAndListen(batchRows?: number): Promise<boolean> {
  let said = false;
  for (let isComplete = false, runs = 0; !isComplete && runs < 100; runs++) {
    const result = await pipeline.ingest(batchRows);
    said ||= saysSo(result);
    isComplete = result.outcome !== 'committed' || result.complete;
  }
  await pipeline.transformAndLoad();
  return said;
}

/** One transaction each, so that two sources that do the same give out the same ids. */
async function setUnits({ sql }: TestDatabase, ids: readonly number[], units: number): Promise<void> {
  for (const id of ids) await sql`update sales_order set units_sold = ${units} where sales_order_id = ${id}`;
}

test.each([
  ['at once', undefined],
  ['in pieces', 100],
])(
  'a source restored from a backup is noticed and read again %s: nothing comes twice, what vanished goes, what is new comes',
  async (_how, batchRows) => {
    await pipeline.run();
    const backup = await main.backUp();
    const writer = await pipeline.source.sql.reserve();
    await writer`begin`;
    await writer`update design set design_name = 'open' where design_id = 5`;
    await setUnits(pipeline.source, [3, 4, 5], 100);
    await pipeline.source
      .sql`insert into sales_order select 41, created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price,
    currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id from sales_order where sales_order_id = 1`;
    await pipeline.run();
    await writer`rollback`;
    writer.release();
    await pipeline.follow(sourceOf(await start({ backup })));
    const before = await countVersions();
    // The second of the ids that are given out again writes the very row that it wrote before.
    await setUnits(pipeline.source, [9, 3, 10], 200);
    expect(await runAndListen(batchRows)).toBe(true);
    await expectEqual(pipeline, { deletes: true });
    expect((await unitsOf(3)).slice(1)).toEqual([100, 200]);
    expect(await pipeline.warehouse.sql`select from current_fact_sales_order where sales_order_id = 41`).toHaveLength(
      0,
    );
    // Two went back to what they were, three are new.
    expect(await countVersions()).toBe(before + 5);
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
    await setUnits(pipeline.source, [4, 5], 300);
    await pipeline.run();
    await expectEqual(pipeline, { deletes: true });
  },
);

test('a new cluster in place of the source is detected although the fence is far ahead of it: no duplicates, and missing rows are deleted', async () => {
  await pipeline.source.sql`do $$ begin for i in 1 .. 2000 loop perform pg_current_xact_id(); commit; end loop; end $$`;
  await pipeline.run();
  const before = await countVersions();
  const successor = await createSource(await start({ fresh: true }));
  await successor.sql`delete from payment where payment_id = 7`;
  await setUnits(successor, [3], 100);
  await pipeline.follow(successor);
  expect(await runAndListen()).toBe(true);
  await expectEqual(pipeline, { deletes: true });
  expect(await countVersions()).toBe(before + 1);
  expect(await pipeline.warehouse.sql`select id::int from etl.deletion`).toEqual([{ id: 7 }]);
  await setUnits(successor, [4], 100);
  await pipeline.run();
  await expectEqual(pipeline, { deletes: true });
});

test("a database that is dropped and cloned back from yesterday's copy on the same cluster is noticed", async () => {
  await pipeline.close();
  await main.createDatabase('yesterday', { template: 'totesys' });
  pipeline = await createPipeline(undefined, sourceOf(main));
  await pipeline.run();
  await setUnits(pipeline.source, [3, 4], 100);
  await pipeline.source.sql`delete from payment where payment_id = 7`;
  await pipeline.run();
  await main.dropDatabase('totesys');
  await main.createDatabase('totesys', { template: 'yesterday' });
  await pipeline.follow(sourceOf(main));
  await setUnits(pipeline.source, [5], 200);
  expect(await runAndListen()).toBe(true);
  await expectEqual(pipeline, { deletes: true });
  expect((await unitsOf(3)).length).toBe(3);
  expect(await pipeline.warehouse.sql`select id::int, restored_batch is not null as back from etl.deletion`).toEqual([
    { id: 7, back: true },
  ]);
});

test('a table that is dropped and created again from a copy is read again, though its rows are older than the fence', async () => {
  const { sql } = pipeline.source;
  await sql`create table copy_of_payment (like payment including all)`;
  await sql`insert into copy_of_payment select * from payment where payment_id <> 7`;
  await sql`update copy_of_payment set payment_amount = 1 where payment_id = 8`;
  await pipeline.run();
  await sql.begin(async (transaction) => {
    await transaction`alter table payment rename to old_payment`;
    await transaction`alter table copy_of_payment rename to payment`;
  });
  await pipeline.run();
  await expectEqual(pipeline, { deletes: true });
  expect(await pipeline.warehouse.sql`select from fact_payment where payment_id = 8`).toHaveLength(2);
});

test('a crash of the source that loses nothing is the same history, and later changes arrive', async () => {
  await pipeline.source.sql`alter system set synchronous_commit = on`;
  await pipeline.source.sql`select pg_reload_conf()`;
  await pipeline.run();
  await setUnits(pipeline.source, [3], 100);
  await main.restart({ crash: true });
  await pipeline.follow(sourceOf(main));
  await setUnits(pipeline.source, [4], 200);
  expect(await runAndListen()).toBe(false);
  await expectEqual(pipeline);
});
