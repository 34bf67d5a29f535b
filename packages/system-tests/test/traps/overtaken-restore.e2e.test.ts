import { findNewestBatch, readIngestionManifest } from '@totesys/lake';
import { connect } from '@totesys/runtime';
import { type Backup, type Cluster, startCluster, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { countUnread } from '@totesys/source';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';
import { createSource, sourceOf } from './cluster-source.ts';

const settings = { autovacuum: 'off', shared_buffers: '32MB', synchronous_commit: 'on' };

let main: Cluster;
let restored: Cluster | undefined;
let pipeline: Pipeline;

beforeAll(async () => {
  main = await startCluster({ settings });
});

beforeEach(async () => {
  pipeline = await createPipeline(undefined, await createSource(main));
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
  await restored?.stop();
  restored = undefined;
  await main.dropDatabase('totesys');
});

afterAll(() => main?.stop());

type Sql = TestDatabase['sql'];
type Write = (sql: Sql) => Promise<unknown>;

/** One transaction each. */
const setUnits =
  (units: number, ...ids: number[]): Write =>
  async (sql) => {
    for (const id of ids) await sql`update sales_order set units_sold = ${units} where sales_order_id = ${id}`;
  };
const insertOrder =
  (id: number, units: number): Write =>
  (sql) =>
    sql`insert into sales_order select ${id}, created_at, last_updated, design_id, staff_id, counterparty_id, ${units}, unit_price,
      currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id from sales_order where sales_order_id = 1`;
const deletePayment =
  (id: number): Write =>
  (sql) =>
    sql`delete from payment where payment_id = ${id}`;
const burn =
  (count: number): Write =>
  (sql) =>
    sql.unsafe(`do $$ begin for i in 1 .. ${count} loop perform pg_current_xact_id(); commit; end loop; end $$`);
const inTurn =
  (...writes: Write[]): Write =>
  async (sql) => {
    for (const write of writes) await write(sql);
  };

/** Starts the copy as the source, and has it written to until it is further on than the last batch saw the source. */
async function overtake(backup: Backup, write: Write): Promise<void> {
  restored = await startCluster({ backup, settings });
  await pipeline.follow(sourceOf(restored));
  await write(source());
  const { fence } = await newest();
  const [now] = await source()`select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`;
  const missing = Number(BigInt(fence.to.xmax) - BigInt(now!.xmax));
  if (missing > 0) await burn(missing)(source());
  // WAL, flushed, without a transaction.
  await source()`select pg_logical_emit_message(false, 'test', repeat('x', 1000000))`;
  await source()`checkpoint`;
}

async function putBack(backup: Backup, write: Write): Promise<readonly string[]> {
  await overtake(backup, write);
  const { warnings } = await pipeline.ingest();
  await pipeline.transformAndLoad();
  return warnings;
}

const source = () => pipeline.source.sql;
const newest = async () =>
  (await readIngestionManifest(pipeline.ingestion, await findNewestBatch(pipeline.ingestion))).manifest;
// With the proof: neither the ids nor the WAL position are behind.
const anotherHistory = [expect.stringMatching(/another history .*: (row|transaction) \d+ /)];

test.each<[string, Write, Write]>([
  ['one order is lost, and others change', setUnits(100, 1), setUnits(200, 5, 6, 7, 8, 9, 10)],
  ['its first transaction writes the same order', setUnits(100, 1), setUnits(200, 1, 5, 6, 7, 8, 9)],
  ['the order that is lost changes last', setUnits(100, 1), setUnits(200, 6, 5, 4, 3, 2, 1)],
  ['only a deletion is lost, and another row is deleted', deletePayment(7), deletePayment(8)],
  ['a new order is lost, and another one comes', insertOrder(41, 1), insertOrder(42, 2)],
  ['a new order is lost, and another one takes its key', insertOrder(41, 1), insertOrder(41, 2)],
  ['another table changes', setUnits(100, 1), (sql) => sql`update design set file_name = 'x' where design_id = 5`],
  [
    '20,000 rows come at once',
    setUnits(100, 1),
    (sql) => sql`
    insert into design (design_id, design_name, file_location, file_name, last_updated)
      select g, 'many', '/', 'x', now() from generate_series(1001, 21000) g`,
  ],
  ['nothing changes but transactions', setUnits(100, 1), burn(6)],
])('a copy of the disk that is put back and overtakes the last batch is noticed: %s', async (_what, lost, write) => {
  const backup = await main.backUp();
  await lost(source());
  await pipeline.run();
  expect(await putBack(backup, write)).toEqual(anotherHistory);
  await expectEqual(pipeline, { deletes: true });
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  await setUnits(300, 3)(source());
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 1, warnings: [] });
  await pipeline.transformAndLoad();
  await expectEqual(pipeline, { deletes: true });
});

test('a copy is detected even if the lost rows are in no table of the model', async () => {
  await setUnits(100, 1)(source());
  const backup = await main.backUp();
  await burn(10)(source());
  await pipeline.run();
  expect(await putBack(backup, inTurn(setUnits(200, 9, 10), burn(20)))).toEqual(anotherHistory);
  await expectEqual(pipeline);
});

test('a copy taken beside an open transaction, whose rows the last batches had not all seen, is detected', async () => {
  const writer = await source().reserve();
  await writer`begin`;
  await writer`update design set file_name = 'open' where design_id = 5`;
  await setUnits(100, 1, 2)(source());
  await pipeline.run();
  await writer`rollback`;
  writer.release();
  const backup = await main.backUp();
  await setUnits(150, 1, 2)(source());
  await pipeline.run();
  expect(await putBack(backup, setUnits(200, 7, 8, 9))).toEqual(anotherHistory);
  await expectEqual(pipeline);
});

test('a copy is detected if a transaction was open at the last batch and the newest lost rows were written again', async () => {
  const ids = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
  // So many transactions that the first rows are too old to be among the newest.
  await inTurn(...ids(101, 120).map((id) => insertOrder(id, 1)))(source());
  await pipeline.run();
  const backup = await main.backUp();
  const writer = await source().reserve();
  await writer`begin`;
  await writer`select pg_current_xact_id()`;
  await setUnits(100, ...ids(1, 40))(source());
  await pipeline.run();
  await writer`rollback`;
  writer.release();
  expect(await putBack(backup, setUnits(200, ...ids(20, 21)))).toEqual(anotherHistory);
  await expectEqual(pipeline);
});

test('nothing of a copy counts as read before the next run', async () => {
  const backup = await main.backUp();
  await setUnits(100, 1)(source());
  await pipeline.run();
  await overtake(backup, setUnits(200, 5, 6));
  const { ingestion } = pipeline;
  const reader = await connect(pipeline.source.url, { connections: 3, applicationName: 'test', subject: 'source' });
  const count = () => countUnread({ model: totesysModel, source: reader, ingestion });
  expect((await count())?.map(({ isCovered }) => isCovered)).not.toContain(true);
  await pipeline.run();
  expect((await count())?.map(({ isCovered }) => isCovered)).not.toContain(false);
  await reader.end();
});

test('a restart after anything that one history may do brings no batch and no warning', async () => {
  // The older of two transactions writes the same row last.
  const older = await source().reserve();
  await older`begin`;
  await older`select pg_current_xact_id()`;
  await setUnits(100, 1, 2)(source());
  await pipeline.run();
  await older`update sales_order set units_sold = 150 where sales_order_id = 1`;
  await older`savepoint inner_one`;
  await older`update sales_order set units_sold = 150 where sales_order_id = 2`;
  await older`release savepoint inner_one`;
  await older`commit`;
  older.release();
  await inTurn(deletePayment(7), insertOrder(41, 1), setUnits(300, 3))(source());
  await pipeline.run();
  await source()
    .begin(async (sql) => {
      await sql`select from sales_order where sales_order_id < 5 for update`;
      await sql`update sales_order set units_sold = 1 where sales_order_id = 5`;
      throw new Error('rolled back');
    })
    .catch(() => undefined);
  for (const statement of ['vacuum (freeze)', 'vacuum full', 'cluster sales_order using sales_order_pkey', 'analyze']) {
    await source().unsafe(statement);
  }
  const before = await pipeline.objects();
  for (const crash of [false, true]) {
    await main.restart({ crash });
    await pipeline.follow(sourceOf(main));
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  }
  expect(await pipeline.objects()).toEqual(before);
  await inTurn(setUnits(400, 3), insertOrder(7041, 1), deletePayment(8))(source());
  await main.restart();
  await pipeline.follow(sourceOf(main));
  expect(await pipeline.ingest()).toMatchObject({ outcome: 'committed', rows: 2, deleted: 1, warnings: [] });
});
