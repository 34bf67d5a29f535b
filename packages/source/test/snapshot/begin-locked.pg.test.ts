import { type Connection, connect, type Sql } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase, untilBlocked } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { type Beginner, beginLocked } from '../../src/snapshot/begin-locked.ts';

let database: TestDatabase;
let source: Sql;

beforeEach(async () => {
  database = await createTestDatabase({ totesys: true });
  await database.sql`insert into currency (currency_code, last_updated) values ('GBP', now())`;
  source = await connect(database.url, { subject: 'source', connections: 2, applicationName: 'test' });
});

afterEach(async () => {
  await source.end({ timeout: 5 });
  await database.drop();
});

test('starts again after a TRUNCATE between the locks of two connections, and sees the rows that are left', async () => {
  const [first, second] = [await source.reserve(), await source.reserve()];
  let truncated: Promise<unknown> | undefined;
  const interrupted = sendingBy(second, async (statement, values) => {
    if (statement.startsWith('lock') && !truncated) {
      truncated = database.sql`truncate currency cascade`.execute();
      await untilBlocked(database, 'truncate%');
    }
    return second.unsafe(statement, values);
  });
  await beginLocked(source, both(first, interrupted), totesysModel.source);
  await truncated;
  expect(await first`select from public.currency`).toHaveLength(0);
  const waits = database.sql`truncate currency cascade`.execute();
  await untilBlocked(database, 'truncate%');
  // Each has its own lock, so neither waits for the one who waits for us.
  expect(await second`select from public.currency`).toHaveLength(0);
  for (const connection of [first, second]) await connection`rollback`;
  await waits;
  for (const connection of [first, second]) connection.release();
});

test('says who has a table for himself when the wait for it is over', async () => {
  const [first, second] = [await source.reserve(), await source.reserve()];
  const impatient = sendingBy(first, (statement, values) =>
    first.unsafe(statement.replace(/lock_timeout = '\d+'/, "lock_timeout = '50'"), values),
  );
  await database.sql.begin(async (holder) => {
    const [{ pid }] = (await holder`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
    await holder`lock table currency in access exclusive mode`;
    await expect(beginLocked(source, both(impatient, second), totesysModel.source)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringMatching(
        `^Table 'public.currency' is locked: waited .* ACCESS EXCLUSIVE is held or awaited by .*process ${pid}, since .* UTC; the next run tries again.$`,
      ),
    });
  });
  for (const connection of [first, second]) connection.release();
});

function both(first: Connection, second: Connection) {
  return { first: reading(first), reserveOthers: async () => [reading(second)] };
}

function reading(connection: Connection): Beginner {
  return { connection, mode: 'repeatable read read only' };
}

// The connection, which sends its statements otherwise.
function sendingBy(
  connection: Connection,
  send: (statement: string, values?: string[]) => Promise<unknown>,
): Connection {
  return new Proxy(connection, {
    get: (target, name: keyof Connection) => (name === 'unsafe' ? send : target[name]),
  });
}
