import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { tryLock } from '../../src/index.ts';

const KEY = '8389772276738093361';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
});

test('one transaction at a time takes a lock, and its end releases the lock', async () => {
  await database.sql.begin(async (holder) => {
    expect(await tryLock(holder, KEY)).toBe(true);
    await database.sql.begin(async (other) => {
      expect(await tryLock(other, KEY)).toBe(false);
      expect(await tryLock(other, '1')).toBe(true);
    });
  });
  await database.sql.begin(async (next) => {
    expect(await tryLock(next, KEY)).toBe(true);
  });
});
