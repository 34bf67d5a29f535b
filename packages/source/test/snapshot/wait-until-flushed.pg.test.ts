import { findIngestionManifest, memoryStore } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { type Cluster, createTotesysSchema, populate, startCluster } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { ingest } from '../../../ingest/src/ingest.ts';

let cluster: Cluster;
let source: Sql;
let store: ReturnType<typeof memoryStore>;

beforeAll(async () => {
  cluster = await startCluster();
  source = await connect(await cluster.createDatabase('lazy'), {
    subject: 'source',
    connections: 6,
    applicationName: 'test',
  });
  await createTotesysSchema(source);
  await populate(source, { seed: 1, salesOrders: 20, purchaseOrders: 10 });
  // A server that takes its time to write what has been committed.
  await source.unsafe(`alter system set wal_writer_delay = '2s'`);
  await source`select pg_reload_conf()`;
});

beforeEach(async () => {
  store = memoryStore();
  await run();
});

afterAll(async () => {
  await source?.end();
  await cluster?.stop();
});

const run = () =>
  ingest({
    model: totesysModel,
    source,
    ingestion: store,
    telemetry: silentTelemetry,
    limits: { batchRows: 1_000_000, deadlineMs: Number.MAX_SAFE_INTEGER },
    codeVersion: 'test',
  });

// What a crash at this moment would keep, in the same unit as the manifest's position.
async function walPositions(): Promise<{ flushed: bigint; inserted: bigint }> {
  const [row] = await source`
    select (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::text as flushed, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text as inserted`;
  return { flushed: BigInt(row!.flushed), inserted: BigInt(row!.inserted) };
}

test('a batch is not committed before a crash of the source can no longer lose what it shows', async () => {
  await source.begin(async (sql) => {
    await sql`set local synchronous_commit = off`;
    await sql`update sales_order set units_sold = 4242 where sales_order_id = 1`;
  });
  const { inserted } = await walPositions();
  expect(await run()).toMatchObject({ outcome: 'committed', batch: 2, rows: 1 });
  expect((await walPositions()).flushed).toBeGreaterThanOrEqual(inserted);
});

test('what an open transaction has written is not waited for without end', async () => {
  const writer = await source.reserve();
  try {
    await source`update sales_order set units_sold = 4343 where sales_order_id = 2`;
    await writer`begin`;
    await writer`update sales_order set units_sold = 1 where sales_order_id = 3`;
    expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
  } finally {
    await writer`rollback`;
    writer.release();
  }
});

test('the position in the manifest is one that a crash leaves', async () => {
  const { flushed } = await walPositions();
  await source`update sales_order set units_sold = units_sold + 1 where sales_order_id = 4`;
  await run();
  const found = await findIngestionManifest(store, 2);
  expect(BigInt(found!.manifest.source.walPosition)).toBeGreaterThanOrEqual(flushed);
  expect(BigInt(found!.manifest.source.walPosition)).toBeLessThanOrEqual((await walPositions()).flushed);
});
