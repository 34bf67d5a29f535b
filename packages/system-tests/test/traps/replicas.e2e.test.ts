import { type Cluster, startCluster, type TestDatabase, until } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';
import { createSource, sourceOf } from './cluster-source.ts';

// What has been committed is on its way to the standby at once.
const settings = { autovacuum: 'off', shared_buffers: '32MB', synchronous_commit: 'on' };

let primary: Cluster;
let standby: Cluster;
let pipeline: Pipeline;
let onPrimary: TestDatabase;
let onStandby: TestDatabase;
/** The standby's own affairs, whatever database is there. */
let replay: TestDatabase;

beforeAll(async () => {
  primary = await startCluster({ settings });
  standby = await startCluster({ settings, backup: await primary.backUp(), standbyOf: primary });
  replay = sourceOf(standby, 'postgres');
});

beforeEach(async () => {
  onPrimary = await createSource(primary);
  onStandby = sourceOf(standby);
  pipeline = await createPipeline(undefined, onPrimary);
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
  await onStandby.drop();
  await replay.sql`select pg_wal_replay_resume() where pg_is_in_recovery()`;
  await primary.dropDatabase('totesys');
});

afterAll(async () => {
  await replay?.drop();
  await standby?.stop();
  await primary?.stop();
});

const setUnits = ({ sql }: TestDatabase, id: number, units: number) =>
  sql`update sales_order set units_sold = ${units} where sales_order_id = ${id}`;

async function caughtUp(): Promise<void> {
  const [{ position } = {}] = await onPrimary.sql`select pg_current_wal_lsn()::text as position`;
  await until(`the standby at ${position}`, async () => {
    const [row] = await replay.sql`select pg_last_wal_replay_lsn() >= ${position}::pg_lsn as is_there`;
    return row!.is_there;
  });
}

test('a standby that has caught up is the same source: switching to it and back brings no batch, and changes arrive from both', async () => {
  await caughtUp();
  await pipeline.follow(onStandby);
  const before = await pipeline.objects();
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  await setUnits(onPrimary, 3, 100);
  await caughtUp();
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1, warnings: [] });
  await pipeline.follow(onPrimary);
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  await setUnits(onPrimary, 4, 200);
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1, warnings: [] });
  await pipeline.transformAndLoad();
  await expectEqual(pipeline);
  expect(
    (await pipeline.objects()).filter((key) => !before.includes(key) && key.includes('/ingestion/_manifests/')),
  ).toHaveLength(2);
});

test('a transaction that was open while a standby was read arrives, from the standby and from the primary', async () => {
  const writers = await Promise.all([onPrimary.sql.reserve(), onPrimary.sql.reserve()]);
  for (const [i, writer] of writers.entries()) {
    await writer`begin`;
    await writer`savepoint inner_one`;
    await writer`update sales_order set units_sold = 100 where sales_order_id = ${3 + i}`;
    await writer`release savepoint inner_one`;
  }
  await setUnits(onPrimary, 9, 9);
  await caughtUp();
  await pipeline.follow(onStandby);
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1 });
  await writers[0]`commit`;
  await caughtUp();
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1 });
  await writers[1]`commit`;
  await pipeline.follow(onPrimary);
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1 });
  for (const writer of writers) writer.release();
  await pipeline.transformAndLoad();
  await expectEqual(pipeline);
});

test('a standby that lags, read between two runs on the primary, yields with a reason and writes nothing', async () => {
  await caughtUp();
  await replay.sql`select pg_wal_replay_pause()`;
  await setUnits(onPrimary, 3, 100);
  await onPrimary.sql`delete from payment where payment_id = 7`;
  await pipeline.run();
  const before = await pipeline.objects();
  await pipeline.follow(onStandby);
  expect(await pipeline.ingest()).toMatchObject({
    outcome: 'yielded',
    reason: expect.stringContaining('has not caught up'),
    warnings: [expect.stringContaining('behind')],
  });
  expect(await pipeline.objects()).toEqual(before);
  await pipeline.follow(onPrimary);
  await setUnits(onPrimary, 3, 200);
  await pipeline.run();
  await expectEqual(pipeline, { deletes: true });
  const versions = await pipeline.warehouse.sql`select from fact_sales_order where sales_order_id = 3`;
  expect(versions).toHaveLength(3);
});

test('a standby without a commit that the primary showed before it was written to disk is behind, though it shows a later one', async () => {
  // A server that takes its time to write what has been committed.
  await onPrimary.sql`alter system set wal_writer_delay = '2s'`;
  await onPrimary.sql`select pg_reload_conf()`;
  const lazy = await onPrimary.sql.reserve();
  await lazy`set synchronous_commit = off`;
  await lazy`begin`;
  await lazy`insert into department (department_id, department_name, last_updated) values (99, 'lazy', now())`;
  await setUnits(onPrimary, 3, 100);
  await caughtUp();
  await replay.sql`select pg_wal_replay_pause()`;
  await lazy`commit`;
  lazy.release();
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 2 });
  await pipeline.follow(onStandby);
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'yielded' });
  await replay.sql`select pg_wal_replay_resume()`;
  await caughtUp();
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  await onPrimary.sql`alter system reset wal_writer_delay`;
  await onPrimary.sql`select pg_reload_conf()`;
});

// The last one: from then on there are two primaries.
test('a failover to a standby that missed the last batch is detected: rows it lacks are deleted, its own changes arrive, nothing arrives twice', async () => {
  await caughtUp();
  await replay.sql`alter system set primary_conninfo = ''`;
  await replay.sql`select pg_reload_conf()`;
  await cutOff();
  await setUnits(onPrimary, 3, 100);
  await setUnits(onPrimary, 4, 100);
  await onPrimary.sql`insert into department (department_id, department_name, last_updated) values (99, 'lost', now())`;
  await onPrimary.sql`update transaction set sales_order_id = null where sales_order_id = 6`;
  await onPrimary.sql`update sales_order set sales_order_id = 4000 where sales_order_id = 6`;
  await pipeline.run();
  await replay.sql`select pg_promote()`;
  await pipeline.follow(onStandby);
  for (const id of [9, 3, 8, 10, 11, 12]) await setUnits(onStandby, id, 300);
  const result = await pipeline.ingest();
  expect(result.warnings.join()).toContain('another history');
  await pipeline.transformAndLoad();
  await expectEqual(pipeline, { deletes: true });
  const units = await pipeline.warehouse
    .sql`select units_sold from fact_sales_order where sales_order_id = 3 order by sales_record_id`;
  expect(units.slice(1).map(({ units_sold }) => units_sold)).toEqual([100, 300]);
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
});

async function cutOff(): Promise<void> {
  await until(
    'the standby follows no more',
    async () => (await onPrimary.sql`select from pg_stat_replication`).length === 0,
  );
}
