import { type Cluster, startCluster, until } from '@totesys/sandbox';
import type { RunMemory } from '../../src/ingest.ts';
import type { IngestedSource } from '../ingested-source.ts';
import { createQuietSource, QUIET } from './quiet-server.ts';

let cluster: Cluster;
let totesys: IngestedSource;
let memory: RunMemory;

beforeEach(async () => {
  // A server that takes its time to write what has been committed.
  cluster = await startCluster({ settings: { ...QUIET, wal_writer_delay: '5s' } });
  totesys = await createQuietSource(cluster);
  memory = {};
});

afterEach(async () => {
  await totesys?.close();
  await cluster?.stop();
});

const run = () => totesys.run({ memory });

// Kills one process of the server: all sessions end, memory is lost, and the server goes on with the same start time.
async function crashOneProcess(): Promise<void> {
  const { sql } = totesys.database;
  const started = async () => (await sql`select pg_postmaster_start_time()::text as at`)[0]!.at;
  const before = await started();
  const victim = await sql.reserve();
  const [{ pid } = {}] = await victim`select pg_backend_pid() as pid`;
  process.kill(pid, 'SIGKILL');
  victim.release();
  await until('the server is back', async () => {
    const rows = await sql`select pg_backend_pid() as pid, pg_is_in_recovery() as recovers`.catch(() => []);
    return rows.length > 0 && !rows[0]!.recovers;
  });
  expect(await started()).toBe(before);
}

test('a crash that loses an asynchronous commit, whose id then belongs to a change, hides no change', async () => {
  await run();
  const { sql } = totesys.database;
  await sql.begin(async (lost) => {
    await lost`set local synchronous_commit = off`;
    await lost`select pg_current_xact_id()`;
  });
  expect(await run()).toMatchObject({ outcome: 'unchanged' });
  expect(memory.settled).toBeDefined();
  await crashOneProcess();
  await sql`update sales_order set units_sold = 4242 where sales_order_id = 1`;
  expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
});

test('nor does a crash that loses a commit whose flush the run could not wait for', async () => {
  const { sql } = totesys.database;
  await sql`alter system set wal_writer_delay = '10ms'`;
  await sql`select pg_reload_conf()`;
  await run();
  const [writer] = await sql`select pid from pg_stat_activity where backend_type = 'walwriter'`;
  process.kill(writer!.pid, 'SIGSTOP');
  await sql.begin(async (lost) => {
    await lost`set local synchronous_commit = off`;
    await lost`select pg_current_xact_id()`;
  });
  expect(await run()).toMatchObject({ outcome: 'unchanged' });
  expect(memory.settled?.snapshot.checkpoint).toBeDefined();
  await crashOneProcess();
  await sql`update sales_order set units_sold = 4242 where sales_order_id = 1`;
  expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
});

test('a crash that empties an unlogged table hides no deletion', async () => {
  const { sql } = totesys.database;
  await sql.unsafe(`
    alter table payment set unlogged;
    insert into transaction (transaction_id, transaction_type, created_at, last_updated) values (1, 'SALE', now(), now());
    insert into payment (payment_id, transaction_id, counterparty_id, payment_amount, currency_id, payment_type_id, paid,
        payment_date, company_ac_number, counterparty_ac_number, created_at, last_updated)
      values (1, 1, 1, 1, 1, 1, true, '2023-01-01', 1, 1, now(), now())`);
  await run();
  await crashOneProcess();
  expect(await run()).toMatchObject({ outcome: 'committed', rows: 0, deleted: 1 });
});
