import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { type Cluster, type ClusterOptions, startCluster } from '../src/cluster.ts';
import { findFullPostgres } from '../src/full-postgres.ts';
import { until } from '../src/until.ts';

const opened: postgres.Sql[] = [];
const started: Cluster[] = [];

afterEach(async () => {
  for (const sql of opened.splice(0)) await sql.end({ timeout: 1 });
  // A standby ends before the one that it follows.
  for (const cluster of started.splice(0).reverse()) await cluster.stop();
});

async function start(options?: ClusterOptions): Promise<{ cluster: Cluster; sql: postgres.Sql }> {
  const cluster = await startCluster(options);
  started.push(cluster);
  const sql = postgres(cluster.url('postgres'), { max: 1, onnotice: () => {} });
  opened.push(sql);
  return { cluster, sql };
}

const identity = async (sql: postgres.Sql) =>
  (await sql`select system_identifier::text as id from pg_control_system()`)[0]!.id;

test('a restart keeps port, rows and settings, and a crash recovers what was on disk', async () => {
  const { cluster, sql } = await start({ settings: { max_prepared_transactions: 3, synchronous_commit: 'on' } });
  await sql`create table kept as select 1 as one`;
  let folder = '';
  await cluster.restart({
    whileDown: async (data) => {
      folder = data;
    },
  });
  await sql`insert into kept values (2)`;
  await cluster.restart({ crash: true });
  expect(await sql`select one from kept order by 1`).toEqual([{ one: 1 }, { one: 2 }]);
  expect(await sql`select current_setting('max_prepared_transactions') as prepared`).toEqual([{ prepared: '3' }]);
  expect(await sql`select current_setting('data_directory') as folder`).toEqual([{ folder }]);
});

test('a backup begins a cluster that is the one copied, as it was then', async () => {
  const { cluster, sql } = await start();
  await sql`create table kept as select 1 as one`;
  const backup = await cluster.backUp();
  await sql`insert into kept values (2)`;
  const restored = await start({ backup });
  expect(await restored.sql`select one from kept`).toEqual([{ one: 1 }]);
  expect(await identity(restored.sql)).toBe(await identity(sql));
  expect(await identity((await start({ fresh: true })).sql)).not.toBe(await identity(sql));
});

test('a standby follows, read-only, until it is promoted', async () => {
  const { cluster, sql } = await start();
  const standby = await start({ backup: await cluster.backUp(), standbyOf: cluster });
  await sql`create table kept as select 1 as one`;
  await until('the table on the standby', async () => {
    const [row] = await standby.sql`select to_regclass('kept') is not null as is_there`;
    return row!.is_there;
  });
  await expect(standby.sql`insert into kept values (2)`).rejects.toMatchObject({ code: '25006' });
  await standby.sql`select pg_promote()`;
  await standby.sql`insert into kept values (2)`;
  expect(await sql`select one from kept`).toEqual([{ one: 1 }]);
});

const programs = await findFullPostgres();
const testOnFull = typeof programs === 'string' ? test : test.skip;
// biome-ignore lint/suspicious/noConsole: a run says why it skips
if (typeof programs !== 'string') console.warn(`Skipped, no cluster runs on it: ${programs.missing}`);

testOnFull('a full Postgres is found, with what the embedded one lacks, and runs a cluster', async () => {
  if (typeof programs !== 'string') return;
  const { stdout } = await promisify(execFile)(join(programs, 'pg_resetwal'), ['--version']);
  const { sql } = await start({ programs });
  const [row] = await sql`select current_setting('server_version') as version`;
  expect(stdout).toContain(row!.version.split(' ')[0]);
});
