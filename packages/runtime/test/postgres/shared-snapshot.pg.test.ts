import { type Cluster, createTestDatabase, startCluster, type TestDatabase } from '@totesys/sandbox';
import { beginTransaction, exportSnapshot, joinSnapshot, ONE_SNAPSHOT, type Sql } from '../../src/index.ts';
import { openPool } from '../open-pool.ts';

let database: TestDatabase;
let other: Cluster;
let pools: Sql[];

beforeAll(async () => {
  database = await createTestDatabase();
  other = await startCluster();
  pools = await Promise.all([database.url, database.url, other.url('postgres')].map(openPool));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
  await other.stop();
  await database.drop();
});

test('a snapshot is joined on the same server, and refused by name on another', async () => {
  const [first, second, third] = await Promise.all(pools.map((pool) => pool.reserve()));
  await beginTransaction(pools[0]!, first!, ONE_SNAPSHOT);
  await beginTransaction(pools[1]!, second!, ONE_SNAPSHOT);
  await beginTransaction(pools[2]!, third!, ONE_SNAPSHOT);
  const exported = await exportSnapshot(first!);
  await joinSnapshot(second!, exported, 'source');
  await expect(joinSnapshot(third!, exported, 'source')).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringMatching(/source's URL leads to more than one server.*Name a single instance/),
  });
  for (const each of [first, second, third]) {
    await each!.unsafe('rollback');
    each!.release();
  }
});
