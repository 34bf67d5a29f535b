import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { beginTransaction, type Connection, inTransaction, ONE_SNAPSHOT, type Sql } from '../../src/index.ts';
import { openPool } from '../open-pool.ts';

/** What a role or a database may be set to, and what a transaction of ours has instead. */
const SETTINGS = {
  datestyle: ['German', 'ISO, YMD'],
  timezone: ['Asia/Kathmandu', 'UTC'],
  default_transaction_isolation: ['serializable', 'serializable'],
  transaction_isolation: [undefined, 'repeatable read'],
  transaction_read_only: [undefined, 'on'],
  idle_in_transaction_session_timeout: ['1ms', '5min'],
  lock_timeout: ['1ms', '0'],
  quote_all_identifiers: ['on', 'off'],
  row_security: ['on', 'off'],
  search_path: ['public, pg_catalog', 'pg_catalog, pg_temp'],
  standard_conforming_strings: ['off', 'on'],
  tcp_keepalives_idle: ['7000', '10'],
  transaction_timeout: ['1h', '0'],
  client_connection_check_interval: ['0', '5s'],
} as const;

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  const name = new URL(database.url).pathname.slice(1);
  for (const [setting, [value]] of Object.entries(SETTINGS)) {
    const list = setting === 'search_path' ? value : `'${value}'`;
    if (value !== undefined) await database.sql.unsafe(`alter database ${name} set ${setting} = ${list}`);
  }
  sql = await openPool(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const ours = Object.fromEntries(Object.entries(SETTINGS).map(([name, [, value]]) => [name, value]));

test('a transaction has the settings that it rests on, whatever the database says', async () => {
  expect(await inTransaction(sql, ONE_SNAPSHOT, readSettings)).toEqual(ours);
});

test('a transaction on a reserved connection has them, too', async () => {
  const connection = await sql.reserve();
  await beginTransaction(sql, connection, ONE_SNAPSHOT);
  expect(await readSettings(connection)).toEqual(ours);
  await connection`rollback`;
  connection.release();
});

test('nothing of them is left after a commit or a rollback', async () => {
  const fresh = await openPool(database.url);
  const before = await readSettings(fresh);
  await inTransaction(sql, ONE_SNAPSHOT, readSettings);
  expect(await readSettings(sql)).toEqual(before);
  const failing = inTransaction(sql, { ...ONE_SNAPSHOT, lockTimeoutMs: 5_000 }, async () => {
    throw new Error('by the test');
  });
  await expect(failing).rejects.toThrow('by the test');
  expect(await readSettings(sql)).toEqual(before);
  await fresh.end();
});

async function readSettings(connection: Sql | Connection): Promise<Record<string, string>> {
  const rows = await connection.unsafe(
    'select name, pg_catalog.current_setting(name) as value from pg_catalog.unnest($1::text[]) as t (name)',
    [Object.keys(SETTINGS) as unknown as string],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}
