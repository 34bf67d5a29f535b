import { createTestDatabase, findPgBouncer, type PgBouncer, startPgBouncer, type TestDatabase } from '@totesys/sandbox';
import { beginTransaction, type ConnectOptions, connect, ONE_SNAPSHOT, type Pool, type Sql } from '../../src/index.ts';

/** Limits that a test can wait for. */
const LIMITS = { stallMs: 300, answerMs: 500, acquireMs: 20_000, pingMs: 60_000 };
const OPTIONS: ConnectOptions = { subject: 'source', connections: 3, applicationName: 'starved', limits: LIMITS };

const program = await findPgBouncer();

(program === undefined ? describe.skip : describe)('a pooler that has few server connections', () => {
  let database: TestDatabase;
  let bouncer: PgBouncer | undefined;
  let pool: Sql | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await pool?.end({ timeout: 0 });
    await bouncer?.stop();
  });
  afterAll(() => database.drop());

  const open = async (mode: 'session' | 'transaction', poolSize: number): Promise<Sql> => {
    bouncer = await startPgBouncer(program ?? '', database.url, { mode, poolSize });
    pool = await connect(bouncer.through(database.url), OPTIONS);
    return pool;
  };
  const begun = async (opened: Pool) => {
    const connection = await opened.reserve();
    await beginTransaction(opened, connection, ONE_SNAPSHOT);
    return connection;
  };

  test.each(['session', 'transaction'] as const)(
    'lets a statement that answers nothing for long live in %s mode, although none is left for the question',
    async (mode) => {
      const opened = await open(mode, 2);
      const [idle, worker] = [await begun(opened), await begun(opened)];
      expect(await worker`select pg_sleep(3)`).toHaveLength(1);
      // Asked several times by then, and of use all the same.
      expect(await idle`select 1 as one`).toEqual([{ one: 1 }]);
      for (const each of [idle, worker]) {
        await each`rollback`;
        each.release();
      }
    },
  );

  test('is named by a statement without a server connection, with the pool size that it needs', async () => {
    const opened = await open('transaction', 2);
    const others = [await begun(opened), await begun(opened)];
    await expect(begun(opened)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringMatching(/no session there executes its statement\..*default_pool_size\) to 4 or more/),
    });
    await expect(Promise.all(others.map((each) => each`select 1`))).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
  });
});
