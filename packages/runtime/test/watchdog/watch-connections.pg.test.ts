import {
  createTestDatabase,
  createTestRole,
  startTcpProxy,
  type TcpProxy,
  type TestDatabase,
  until,
} from '@totesys/sandbox';
import {
  beginTransaction,
  type ConnectOptions,
  connect,
  copyIn,
  copyOut,
  inTransaction,
  ONE_SNAPSHOT,
  READ_COMMITTED,
  type Sql,
} from '../../src/index.ts';
import { endlessLines } from '../postgres/copy-statements.ts';

/** Limits that a test can wait for. */
const LIMITS = { stallMs: 300, answerMs: 500, acquireMs: 5_000, pingMs: 200 };

let database: TestDatabase;
let proxy: TcpProxy | undefined;
let sql: Sql | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql.unsafe(
    'create table wide as select id, repeat(md5(id::text), 30) as text from generate_series(1, 20000) id',
  );
  await database.sql.unsafe('create table target (id integer, label text)');
});
afterEach(async () => {
  await sql?.end({ timeout: 0 });
  await proxy?.close();
  [sql, proxy] = [undefined, undefined];
});
afterAll(() => database.drop());

const open = async (options: Partial<ConnectOptions> = {}): Promise<Sql> => {
  sql = await connect(proxy?.url ?? database.url, {
    subject: 'source',
    connections: 3,
    applicationName: 'watched',
    limits: LIMITS,
    ...options,
  });
  return sql;
};
const sleep = (pool: Sql) => inTransaction(pool, READ_COMMITTED, (transaction) => transaction`select pg_sleep(3600)`);
const sessions = async () =>
  (await database.sql`select from pg_stat_activity where application_name = 'watched'`).length;
const noSession = () => until('no session of an ended run', async () => (await sessions()) === 0);

describe('a connection that closes while it opens', () => {
  test('answers the reservation that waits for it, and the pool goes on over a new one', async () => {
    proxy = await startTcpProxy(database.url, { closes: { connection: 2, afterBytes: 1_000 } });
    const pool = await open();
    const first = await pool.reserve();
    await expect(pool.reserve()).rejects.toMatchObject({ code: expect.stringMatching(/CONNECTION_CLOSED|ECONNRESET/) });
    const [second, third] = [await pool.reserve(), await pool.reserve()];
    expect(await Promise.all([first, second, third].map((each) => each`select 1 as one`))).toHaveLength(3);
    for (const each of [first, second, third]) each.release();
  });

  test('answers each of several reservations at once', async () => {
    proxy = await startTcpProxy(database.url, { closes: { connection: 2, afterBytes: 1_000 } });
    const pool = await open();
    const first = await pool.reserve();
    const outcomes = await Promise.allSettled([pool.reserve(), pool.reserve()]);
    const reserved = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    // None is rejected where the third connection comes before the second is closed.
    while (reserved.length < 2) reserved.push(await pool.reserve());
    for (const each of [first, ...reserved]) {
      expect(await each`select 1 as one`).toEqual([{ one: 1 }]);
      each.release();
    }
  });
});

test('a reservation that no connection is free for is refused in time, and one that comes late is given back', async () => {
  const pool = await open({ connections: 1, limits: { ...LIMITS, acquireMs: 100 } });
  const first = await pool.reserve();
  await expect(pool.reserve()).rejects.toMatchObject({ code: 'TIMED_OUT', message: expect.stringMatching(/0\.1 s/) });
  first.release();
  expect(await pool`select 1 as one`).toEqual([{ one: 1 }]);
});

test('a reservation that queues after a running statement waits until that ends', async () => {
  const pool = await open({ connections: 1, limits: { ...LIMITS, acquireMs: 100 } });
  const first = await pool.reserve();
  const working = first`select pg_sleep(1)`.then(() => first.release());
  const second = await pool.reserve();
  expect(await second`select 1 as one`).toEqual([{ one: 1 }]);
  second.release();
  await working;
});

test('a statement that waits in the queue while no connection works is refused in time', async () => {
  const pool = await open({ connections: 1, limits: { ...LIMITS, acquireMs: 100 } });
  const first = await pool.reserve();
  await expect(pool`select 1`).rejects.toMatchObject({ code: 'TIMED_OUT' });
  first.release();
});

test('a statement ends by the clock of this process where the server has no limit of its own', async () => {
  const pool = await open({ limits: { ...LIMITS, statementMs: 300 } });
  await expect(sleep(pool)).rejects.toMatchObject({ code: 'TIMED_OUT' });
  await until('an end on the server', async () => {
    const asleep = await database.sql`select from pg_stat_activity where wait_event = 'PgSleep'`;
    return asleep.length === 0;
  });
});

test('a statement ends when the time of its stage is over', async () => {
  const pool = await open({ deadlineMs: Date.now() + 300 });
  await expect(sleep(pool)).rejects.toMatchObject({ code: 'TIMED_OUT' });
});

describe.each([
  ['lets new connections through', true, /process \d+\) waits for its client/],
  ['lets nothing through', false, /did not answer over another connection within 0\.5 s/],
])('a network that freezes and %s', (_, admitsNew, message) => {
  const frozenAfter = async (afterBytes: number) => {
    proxy = await startTcpProxy(database.url, { freezes: { afterBytes, admitsNew } });
    return open();
  };

  test('ends a COPY out with an idle transaction beside it', async () => {
    const pool = await frozenAfter(3_000_000);
    const [reader, idle] = [await pool.reserve(), await pool.reserve()];
    for (const each of [reader, idle]) {
      await beginTransaction(pool, each, ONE_SNAPSHOT);
      await each.unsafe('lock table public.wide in access share mode');
    }
    const copy = (async () => {
      for await (const _chunk of copyOut(reader, 'copy public.wide to stdout'));
    })();
    await expect(copy).rejects.toMatchObject({ code: 'TIMED_OUT', message: expect.stringMatching(message) });
    await expect(idle`select 1`).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    if (admitsNew) {
      await noSession();
      await database.sql.unsafe(
        `set lock_timeout = '1s'; lock table wide in access exclusive mode; reset lock_timeout`,
      );
    }
  });

  test('ends a COPY in', async () => {
    const pool = await frozenAfter(Number.POSITIVE_INFINITY);
    const lines = async function* () {
      let sent = 0;
      for await (const chunk of endlessLines()) {
        yield chunk;
        if (++sent === 20) proxy?.freeze();
      }
    };
    await expect(copyIn(pool, 'copy target from stdin', lines())).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });

  test('ends a statement, and a transaction that is idle meanwhile', async () => {
    const pool = await frozenAfter(Number.POSITIVE_INFINITY);
    const idle = await pool.reserve();
    await idle`begin`;
    proxy?.freeze();
    // Nothing is asked of it: the ping is what finds the network dead.
    await until('an end of the idle transaction', async () => {
      const code = await idle`select 1`.then(
        () => 'answered',
        (error) => error.code,
      );
      return /TIMED_OUT|CONNECTION_CLOSED/.test(code);
    });
    if (admitsNew) await noSession();
  });
});

test('a role that is set to another one still sees and ends its own sessions', async () => {
  const owner = await createTestRole(database, () => '');
  const role = await createTestRole(
    database,
    (name) => `grant ${owner.name} to ${name}; alter role ${name} set role = ${owner.name}`,
  );
  try {
    proxy = await startTcpProxy(role.url);
    const pool = await open();
    expect(await pool`select current_user::text as name, pg_sleep(2)::text`).toMatchObject([{ name: owner.name }]);
    const sleeping = sleep(pool);
    await until('the statement', async () => {
      return (await database.sql`select from pg_stat_activity where wait_event = 'PgSleep'`).length > 0;
    });
    proxy.freeze();
    await database.sql`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'`;
    await expect(sleeping).rejects.toMatchObject({ message: expect.stringMatching(/waits for its client/) });
    await noSession();
  } finally {
    await sql?.end({ timeout: 0 });
    await role.drop();
    await owner.drop();
  }
});

test('a session whose network freezes before it is of use does not stay', async () => {
  proxy = await startTcpProxy(database.url, { freezes: { afterBytes: 1_000, admitsNew: true } });
  await expect(open()).rejects.toMatchObject({ code: expect.stringMatching(/CONNECTION_FAILED|TIMED_OUT/) });
  await noSession();
});

test('a session that is no longer on the server is a lost connection', async () => {
  proxy = await startTcpProxy(database.url);
  const pool = await open();
  const [session] = await pool`select pg_backend_pid() as pid`;
  const sleeping = sleep(pool);
  const outcome = expect(sleeping).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringMatching(/no longer has the session/),
  });
  await until('the statement', async () => {
    return (
      (await database.sql`select from pg_stat_activity where pid = ${session?.pid} and state = 'active'`).length > 0
    );
  });
  proxy.freeze();
  await database.sql`select pg_terminate_backend(${session?.pid})`;
  await outcome;
});

test('a COPY whose filter finds nothing for long survives', async () => {
  const pool = await open();
  const filtered = 'select * from wide where case id when 1 then pg_sleep(2) is null else false end';
  const chunks: Uint8Array[] = [];
  for await (const chunk of copyOut(pool, `copy (${filtered}) to stdout`)) chunks.push(chunk);
  expect(chunks).toEqual([]);
});

test('a statement that answers nothing for long survives', async () => {
  const pool = await open();
  expect(await pool`select pg_sleep(2)`).toHaveLength(1);
});

test('a COPY in whose check takes long survives, and so does one whose rows are slow to come', async () => {
  await database.sql.unsafe(`
    create function slow_check() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return null; end $$;
    create table checked (id integer);
    create trigger slow after insert on checked for each statement execute function slow_check()`);
  const pool = await open();
  const slow = async function* () {
    yield Buffer.from('1\n');
    const [row] = await database.sql`select 2 as id from pg_sleep(1)`;
    yield Buffer.from(`${row?.id}\n`);
  };
  await copyIn(pool, 'copy checked from stdin', slow());
  expect(await pool`select * from checked`).toHaveLength(2);
});

test('a transaction that is idle longer than the server allows lives, since it is pinged', async () => {
  const pool = await open();
  const idle = await pool.reserve();
  await idle.unsafe(`begin isolation level repeatable read; set local idle_in_transaction_session_timeout = '1s'`);
  await database.sql`select pg_sleep(3)`;
  // A ping takes no snapshot: this one must still be allowed to join another.
  const exporter = await pool.reserve();
  await exporter`begin isolation level repeatable read`;
  const [{ id }] = (await exporter`select pg_export_snapshot() as id`) as unknown as [{ id: string }];
  await idle.unsafe(`set transaction snapshot '${id}'`);
  for (const each of [idle, exporter]) {
    await each`rollback`;
    each.release();
  }
});

test('a pool that ends in the middle of a statement leaves no session on the far side of a frozen network', async () => {
  proxy = await startTcpProxy(database.url);
  const pool = await open({ limits: {} });
  const holder = await pool.reserve();
  await holder.unsafe('begin; lock table wide in access share mode');
  const sleeping = sleep(pool).catch((error) => error.code);
  await until(
    'a statement',
    async () => (await database.sql`select from pg_stat_activity where wait_event = 'PgSleep'`).length === 1,
  );
  proxy.freeze();
  await pool.end({ timeout: 0 });
  expect(await sleeping).toBe('CONNECTION_DESTROYED');
  await noSession();
});
