import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { type Cluster, startCluster } from './cluster.ts';
import { createTotesysSchema } from './totesys-schema.ts';

// Any number that no other program uses. Test processes that need the template create it one after another.
const TEMPLATE_LOCK_KEY = '8389772276738093428';
const TEMPLATE = 'totesys_template';

/** A database for one test; `sql` is the superuser's pool, with which the test prepares and checks it. */
export interface TestDatabase {
  readonly url: string;
  readonly sql: postgres.Sql;
  drop(): Promise<void>;
}

/**
 * Creates a database on the test run's server (`TOTESYS_TEST_CLUSTER`), or on a cluster of this process; with `totesys`
 * it has the source's tables.
 */
export async function createTestDatabase(options: { totesys?: boolean } = {}): Promise<TestDatabase> {
  const admin = postgres(await serverUrl(), { max: 1, onnotice: () => {} });
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  if (options.totesys) await createTemplate(admin);
  await admin.unsafe(`create database ${name}${options.totesys ? ` template ${TEMPLATE}` : ''}`);
  const url = databaseUrl(admin, name);
  const sql = postgres(url, { max: 8, onnotice: () => {} });
  return {
    url,
    sql,
    drop: async () => {
      await sql.end({ timeout: 1 });
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

let ownCluster: Promise<Cluster> | undefined;

async function serverUrl(): Promise<string> {
  const given = process.env.TOTESYS_TEST_CLUSTER;
  if (given) return given;
  ownCluster ??= startCluster();
  return (await ownCluster).url('postgres');
}

// Copying a template takes 20 ms; creating eleven tables takes ten times as long.
async function createTemplate(admin: postgres.Sql): Promise<void> {
  await admin.unsafe('select pg_advisory_lock($1::bigint)', [TEMPLATE_LOCK_KEY]);
  try {
    const [found] = await admin`select from pg_database where datname = ${TEMPLATE} and datistemplate`;
    if (found) return;
    await admin.unsafe(`drop database if exists ${TEMPLATE} with (force)`);
    await admin.unsafe(`create database ${TEMPLATE}`);
    const sql = postgres(databaseUrl(admin, TEMPLATE), { max: 1, onnotice: () => {} });
    await createTotesysSchema(sql);
    await sql.end();
    await admin.unsafe(`alter database ${TEMPLATE} is_template true`);
  } finally {
    await admin.unsafe('select pg_advisory_unlock($1::bigint)', [TEMPLATE_LOCK_KEY]);
  }
}

function databaseUrl(admin: postgres.Sql, name: string): string {
  const { host, port, user, pass } = admin.options;
  return `postgres://${user}:${encodeURIComponent(String(pass))}@${host[0]}:${port[0]}/${name}`;
}
