import { KeySet } from '@totesys/lake';
import { connect, inTransaction, ONE_SNAPSHOT, type Pool } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { bigint, integer, required, sourceTable } from '@totesys/schema';
import fc from 'fast-check';
import { findDifferingKeys } from '../../src/rows/find-differing-keys.ts';

const TABLES = [
  sourceTable('small', 'id', { id: required(integer()) }),
  sourceTable('large', 'id', { id: required(bigint()) }),
] as const;
/** The keys of a bucket, and how many such buckets the tests use. */
const SIZE = 8_192;
const BUCKETS = 40;

let database: TestDatabase;
let reader: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  reader = await connect(database.url, { subject: 'source', connections: 1, applicationName: 'test' });
  await database.sql`create table small (id integer primary key)`;
  await database.sql`create table large (id bigint primary key)`;
});

afterAll(async () => {
  await reader.end({ timeout: 5 });
  await database.drop();
});

async function find(table: (typeof TABLES)[number], rows: readonly number[], expected: KeySet, through?: number) {
  await database.sql`truncate ${database.sql(table.name)}`;
  await database.sql`insert into ${database.sql(table.name)} select unnest(${rows.map(String)}::text[])::bigint`;
  return inTransaction(reader, ONE_SNAPSHOT, (connection) =>
    findDifferingKeys({ connection, table, window: undefined }, through === undefined ? {} : { through }, expected),
  );
}

const keySet = (keys: readonly number[]) => KeySet.of(keys.map((key) => [key, key] as const));

// One key of each bucket, so that few differences are few buckets.
const sparse = Array.from({ length: BUCKETS }, (_, bucket) => (bucket - BUCKETS / 2) * SIZE + 17);

describe.each(TABLES)('in $name', (table) => {
  test('nothing differs if every row has an expected key and every expected key has a row', async () => {
    expect((await find(table, sparse, keySet(sparse)))?.count).toBe(0);
  });

  test('a key without a row is found, though an unknown row in its bucket hides it in the count', async () => {
    const [first, ...others] = sparse as [number, ...number[]];
    expect((await find(table, [first + 1, ...others], keySet(sparse)))?.has(first)).toBe(true);
  });

  test('every difference is in the buckets that are returned', async () => {
    const changed = fc.uniqueArray(fc.integer({ min: 0, max: BUCKETS - 1 }), { maxLength: BUCKETS / 2 - 1 });
    await fc.assert(
      fc.asyncProperty(
        changed,
        fc.array(fc.boolean(), { minLength: BUCKETS, maxLength: BUCKETS }),
        async (at, lost) => {
          const rows = sparse.map((key, bucket) => (at.includes(bucket) && !lost[bucket] ? key + 1 : key));
          const present = rows.filter((_, bucket) => !(at.includes(bucket) && lost[bucket]));
          const differing = await find(table, present, keySet(sparse));
          for (const bucket of at) expect(differing?.has(sparse[bucket]!)).toBe(true);
          expect(differing?.count).toBe(at.length * SIZE);
        },
      ),
      { seed: 7, numRuns: 20 },
    );
  });

  test('if most buckets differ, every key must be compared', async () => {
    expect(await find(table, sparse.slice(0, 10), keySet(sparse))).toBeUndefined();
  });

  test('rows beyond the selection do not count', async () => {
    const through = sparse[9]!;
    expect((await find(table, sparse, keySet(sparse.slice(0, 10)), through))?.count).toBe(0);
  });
});

test('keys that are too far apart for buckets are all compared', async () => {
  const far = [-9_007_199_254_740_991, 0, 9_007_199_254_740_991];
  expect(await find(TABLES[1], far, keySet(far))).toBeUndefined();
});
