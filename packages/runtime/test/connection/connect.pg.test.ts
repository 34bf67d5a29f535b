import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { connect, copyOut, inTransaction, READ_COMMITTED } from '../../src/index.ts';
import { openPool } from '../open-pool.ts';

describe('connect', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  test('opens a pool whose values are text where JavaScript has no equal', async () => {
    const sql = await openPool(database.url);
    const [row] = await sql`
      select 9007199254740993::bigint as count, 12.50::numeric(10,2) as money, date '2026-11-22' as day,
        timestamp '2026-11-22 10:00:00.123456' as moment, array[1, 2] as ids, current_setting('application_name') as name`;
    expect(row).toEqual({
      count: '9007199254740993',
      money: '12.50',
      day: '2026-11-22',
      moment: '2026-11-22 10:00:00.123456',
      ids: [1, 2],
      name: 'runtime-test',
    });
    await sql.end();
  });

  test('takes no longer than the statement limit for a statement', async () => {
    const sql = await connect(database.url, {
      subject: 'source',
      connections: 1,
      applicationName: 'runtime-test',
      // Long enough for what a session says first, on a slow machine too.
      statementTimeoutMs: 1_000,
    });
    const sleep = inTransaction(sql, READ_COMMITTED, (transaction) => transaction`select pg_sleep(60)`);
    await expect(sleep).rejects.toMatchObject({ code: '57014' });
    await sql.end();
  });

  test('lets more queries wait than there are connections, also beside a COPY', async () => {
    const sql = await openPool(database.url);
    const copied = (async () => {
      for await (const _ of copyOut(sql, 'copy (select * from generate_series(1, 100000)) to stdout'));
      return 'copied';
    })();
    const answers = Array.from(
      { length: 20 },
      async (_, index) => (await sql`select ${index}::integer as index`)[0]?.index,
    );
    expect(await Promise.all([copied, ...answers])).toEqual([
      'copied',
      ...Array.from({ length: 20 }, (_, index) => index),
    ]);
    await sql.end();
  });
});
