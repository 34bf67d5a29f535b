import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { execute, inTransaction, query, type Sql, WRITING } from '../../src/index.ts';
import { openPool } from '../open-pool.ts';

let database: TestDatabase;
let pool: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = await openPool(database.url);
});

afterAll(async () => {
  await pool.end({ timeout: 5 });
  await database.drop();
});

test('returns the rows of a statement whose values are parameters', async () => {
  const text = 'select name, length(name) as size from unnest($1::text[]) name where length(name) > $2::integer';
  const parameters = [["o'clock", 'x'], 1] as const;
  const rows = await inTransaction(pool, WRITING, (sql) =>
    query<{ name: string; size: number }>(sql, { text, parameters }),
  );
  expect([...rows]).toEqual([{ name: "o'clock", size: 7 }]);
});

test('runs several statements without parameters, and counts the rows of a statement', async () => {
  const counts = await inTransaction(pool, WRITING, async (sql) => {
    await execute(sql, { text: 'create temporary table a (id integer); insert into a values (1), (2), (3)' });
    return execute(sql, { text: 'delete from a where id > $1', parameters: [1] });
  });
  expect(counts).toBe(2);
});
