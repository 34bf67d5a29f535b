import { createTestDatabase, createTestRole, type TestDatabase } from '@totesys/sandbox';
import { connect, findLockHolder, findTableHolder, type Sql } from '../../src/index.ts';

const KEY = '8389772276738093361';
const SINCE = 'since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC';

let database: TestDatabase;
let holder: Sql;
let pid: number;

beforeAll(async () => {
  database = await createTestDatabase();
  holder = await connect(database.url, { subject: 'warehouse', connections: 1, applicationName: 'the-holder' });
  pid = (await holder`select pg_backend_pid() as pid`)[0]!.pid;
  await database.sql.unsafe('create table held ()');
});

afterAll(async () => {
  await holder.end({ timeout: 1 });
  await database.drop();
});

test('names the session that holds an advisory lock, and nobody where it is free or of another database', async () => {
  expect(await findLockHolder(database.sql, KEY)).toBeUndefined();
  await holder.unsafe('select pg_advisory_lock($1::bigint)', [KEY]);
  expect(await findLockHolder(database.sql, KEY)).toMatch(new RegExp(`^the-holder, process ${pid}, ${SINCE}$`));
  const other = await createTestDatabase();
  expect(await findLockHolder(other.sql, KEY)).toBeUndefined();
  await other.drop();
  await holder.unsafe('select pg_advisory_unlock($1::bigint)', [KEY]);
});

test('names who has a table for himself, not who reads it', async () => {
  await holder.begin(async (sql) => {
    await sql`select from held`;
    expect(await findTableHolder(database.sql, 'public.held')).toBeUndefined();
    await sql`lock table held in access exclusive mode`;
    expect(await findTableHolder(database.sql, 'public.held')).toMatch(
      new RegExp(`^the-holder, process ${pid}, ${SINCE}$`),
    );
  });
});

test('says nothing of what the role may not see', async () => {
  const stranger = await createTestRole(database, () => '');
  await holder.begin(async (sql) => {
    await sql`lock table held in access exclusive mode`;
    expect(await findTableHolder(stranger.sql, 'public.held')).toBe(`the-holder, process ${pid}`);
  });
  await stranger.drop();
});
