import postgres from 'postgres';
import { createTestDatabase, holdOpen, lateCommit, type TestDatabase } from '../src/index.ts';

let database: TestDatabase;
let single: postgres.Sql;

beforeEach(async () => {
  database = await createTestDatabase({ totesys: true });
  single = postgres(database.url, { max: 1, onnotice: () => {} });
});

afterEach(async () => {
  await single.end({ timeout: 1 });
  await database.drop();
});

const countCurrencies = async (sql: postgres.Sql) => (await sql`select count(*)::int as n from currency`)[0]!.n;
const insert = (sql: { unsafe: postgres.Sql['unsafe'] }) =>
  sql.unsafe(`insert into currency (currency_code, last_updated) values ('GBP', now()) returning currency_id as id`);

test('nobody else sees what is done before it is committed, and the connection goes back then', async () => {
  const { result, commit } = await holdOpen(single, (writer) => insert(writer as never));
  expect(await countCurrencies(database.sql)).toBe(0);
  await commit();
  expect(result).toEqual([{ id: 1 }]);
  expect(await countCurrencies(single)).toBe(1);
});

test('work that fails leaves no transaction open and releases the connection', async () => {
  await expect(
    holdOpen(single, async (writer) => {
      await insert(writer as never);
      await writer.unsafe('select 1 / 0');
    }),
  ).rejects.toThrow('division by zero');
  expect(await countCurrencies(single)).toBe(0);
  // A source without a row to refer to.
  await expect(lateCommit(single)).rejects.toThrow('foreign key');
  expect(await countCurrencies(single)).toBe(0);
});
