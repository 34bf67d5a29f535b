import { type Cluster, createTestDatabase, startCluster, type TestDatabase, until } from '@totesys/sandbox';
import { atDatabase, copyIn, copyOut, type Sql } from '../../src/index.ts';
import { openPool } from '../open-pool.ts';
import { endlessLines, PACED_COPY_OUT, terminateCopy } from '../postgres/copy-statements.ts';

describe('a session that the server ends', () => {
  let database: TestDatabase;
  let sql: Sql;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    sql = await openPool(database.url);
  });
  afterEach(() => sql.end());
  afterAll(() => database.drop());

  test.each([
    [
      'in a query',
      async () => {
        const asleep = sql`select pg_sleep(60)`.execute();
        await terminate('PgSleep');
        await asleep;
      },
    ],
    [
      'idle in a transaction',
      () =>
        sql.begin(async (transaction) => {
          await transaction`select 1`;
          await terminate('ClientRead');
          await transaction`select 2`;
        }),
    ],
    [
      'idle in a transaction that waits for something else',
      () =>
        sql.begin(async (transaction) => {
          await transaction`select 1`;
          await terminate('ClientRead');
          await new Promise(() => {});
        }),
    ],
    [
      'reserved',
      async () => {
        const reserved = await sql.reserve();
        await reserved`select 1`;
        await terminate('ClientRead');
        await until('the end of the session', () => reserved`select 1`.then(() => false).catch(() => true));
        await reserved`select 1`;
      },
    ],
    [
      'in a COPY out',
      async () => {
        const ended = terminateCopy(database.sql, 'runtime-test');
        for await (const _ of copyOut(sql, PACED_COPY_OUT));
        await ended;
      },
    ],
    [
      'in a COPY in',
      async () => {
        await sql`create temporary table lines (id integer, label text)`;
        const ended = terminateCopy(database.sql, 'runtime-test');
        await copyIn(sql, 'copy lines from stdin', endlessLines());
        await ended;
      },
    ],
  ])('%s fails with what the server said', async (_, work) => {
    await expect(atDatabase('source', work)).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringMatching(
        /^The connection to the source was lost: it answered 57P01: terminating connection due to administrator command\./,
      ),
      context: { sqlstate: '57P01' },
    });
    // Nothing of the dead session is left to the next.
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test('for its idle transaction fails with that', async () => {
    const idle = sql.begin(async (transaction) => {
      await transaction`set local idle_in_transaction_session_timeout = 50`;
      await new Promise(() => {});
    });
    await expect(atDatabase('source', () => idle)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('25P03: terminating connection due to idle-in-transaction timeout'),
    });
  });

  async function terminate(wait: string): Promise<void> {
    await until(`a session in ${wait}`, async () => {
      const ended = await database.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'runtime-test' and wait_event = ${wait}`;
      return ended.length > 0;
    });
  }
});

describe('a server that ends', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ settings: { shared_buffers: '32MB' } });
  });
  afterAll(() => cluster.stop());

  test.each([
    ['is shut down', false, /57P01: terminating connection due to administrator command/],
    ['crashes', true, /57P0[12]: terminating connection (due to immediate shutdown command|because of crash)/],
  ])('says so where it %s', async (_, crash, message) => {
    const sql = await openPool(cluster.url('postgres'));
    const asleep = sql`select pg_sleep(60)`.catch((error) => error);
    const watch = await openPool(cluster.url('postgres'));
    await until(
      'a statement',
      async () => (await watch`select from pg_stat_activity where wait_event = 'PgSleep'`).length > 0,
    );
    await watch.end();
    await cluster.restart({ crash });
    await expect(
      atDatabase('source', async () => {
        throw await asleep;
      }),
    ).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringMatching(message),
    });
    await sql.end();
  });
});
