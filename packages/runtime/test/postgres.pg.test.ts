import { execFileSync, spawn } from 'node:child_process';
import { createServer, connect as dial, type Server } from 'node:net';
import { inspect } from 'node:util';
import { createTestDatabase, type TestDatabase, until } from '@totesys/sandbox';
import { build } from 'esbuild';
import { connect, copyIn, copyOut, type PipelineError } from '../src/index.ts';
import { endlessLines, terminateCopy } from './copy-statements.ts';

const PASSWORD = 'never-in-a-message';

describe('connect', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.unsafe('drop role if exists runtime_test');
    await database.sql.unsafe(`create role runtime_test login password '${PASSWORD}'`);
  });
  afterAll(async () => {
    await database.sql.unsafe('drop role runtime_test');
    await database.drop();
  });

  test('opens a pool whose values are text where JavaScript has no equal', async () => {
    const sql = await open(database.url);
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

  test('has the settings that it rests on, whatever the database says', async () => {
    const odd = {
      datestyle: ['German', 'ISO, YMD'],
      timezone: ['Asia/Kathmandu', 'UTC'],
      default_transaction_isolation: ['serializable', 'read committed'],
      idle_in_transaction_session_timeout: ['1ms', '0'],
      quote_all_identifiers: ['on', 'off'],
    } as const;
    const name = new URL(database.url).pathname.slice(1);
    for (const [setting, [value]] of Object.entries(odd)) {
      await database.sql.unsafe(`alter database ${name} set ${setting} = '${value}'`);
    }
    const sql = await open(database.url);
    for (const [setting, [, value]] of Object.entries(odd)) {
      const [row] = await sql`select current_setting(${setting}) as value`;
      expect([setting, row?.value]).toEqual([setting, value]);
    }
    await sql.end();
    await database.sql.unsafe(`alter database ${name} reset all`);
  });

  test('takes no longer than the statement limit for a statement', async () => {
    const sql = await connect(database.url, {
      subject: 'source',
      connections: 1,
      applicationName: 'runtime-test',
      statementTimeoutMs: 50,
    });
    await expect(sql`select pg_sleep(60)`).rejects.toMatchObject({ code: '57014' });
    await sql.end();
  });

  test('a session that dies while it is set up is told to whoever waits for it, and ends no process', async () => {
    const { hostname, port } = new URL(database.url);
    const { server, url } = await listen((client) => {
      const upstream = dial(Number(port), hostname);
      client.on('data', (chunk) => (chunk.includes('pg_catalog.pg_type') ? client.destroy() : upstream.write(chunk)));
      client.on('error', () => {}).on('close', () => upstream.destroy());
      upstream.on('error', () => {}).pipe(client);
    });
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', hear);
    const watched = new URL(database.url);
    watched.port = new URL(url).port;
    await expect(open(watched.href)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', hear);
    expect(unhandled).toEqual([]);
    server.close();
  });

  test('lets more queries wait than there are connections, also beside a COPY', async () => {
    const sql = await open(database.url);
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

  test.each([
    [
      'an unknown database',
      (url: URL) => {
        url.pathname = '/no_such_database';
      },
      /no_such_database.*Create the database/,
    ],
    [
      'a port where nothing listens',
      (url: URL) => {
        url.port = '1';
      },
      /:1 .*ECONNREFUSED/,
    ],
    [
      'an unknown host',
      (url: URL) => {
        url.hostname = 'host.invalid';
      },
      /host\.invalid/,
    ],
    [
      'TLS that the server does not speak',
      (url: URL) => {
        url.searchParams.set('sslmode', 'verify-full');
      },
      /TLS/,
    ],
  ])('says %s without the password', async (_, change, message) => {
    const url = new URL(database.url);
    url.username = 'runtime_test';
    url.password = PASSWORD;
    change(url);
    await expectWithoutPassword(url.href, message);
  });

  test('says a wrong password without it', async () => {
    // The test's cluster may let everybody in, so the refusal is a server's of our own.
    const { server, url } = await listen((socket) => {
      socket.once('data', () => socket.end(REFUSAL));
    });
    await expectWithoutPassword(url, /answered 28P01.*Correct the user or the password/);
    server.close();
  });

  test('gives up on a peer that accepts and hangs up', async () => {
    const { server, url } = await listen((socket) => socket.destroy());
    await expect(open(url)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    server.close();
  });

  test('keeps the statements of a transaction whose session died out of the next session', async () => {
    const sql = await open(database.url);
    await sql`create table if not exists ledger (id integer)`;
    let died = () => {};
    const death = new Promise<void>((resolve) => {
      died = resolve;
    });
    let late: Promise<unknown> | undefined;
    const work = sql.begin(async (transaction) => {
      const [session] = await transaction`select pg_backend_pid() as pid`;
      await database.sql`select pg_terminate_backend(${session?.pid})`;
      await death;
      late = transaction`insert into ledger values (1)`.catch((error) => error.code);
      await late;
    });
    await expect(work).rejects.toMatchObject({ code: expect.stringMatching(/CONNECTION_CLOSED|ECONNRESET/) });
    await sql`select 1`;
    died();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await late).toBe('CONNECTION_CLOSED');
    expect(await sql`select * from ledger`).toHaveLength(0);
    await sql.end();
  });

  test('rejects what a reserved connection is asked after its session died, and replaces it', async () => {
    const sql = await open(database.url);
    const reserved = await sql.reserve();
    const [session] = await reserved`select pg_backend_pid() as pid`;
    const sleeping = reserved`select pg_sleep(60)`.catch((error) => error.code);
    await database.sql`select pg_terminate_backend(${session?.pid})`;
    expect(await sleeping).toMatch(/CONNECTION_CLOSED|ECONNRESET|57P01/);
    await expect(reserved`select 1`).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    reserved.release();
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    await sql.end();
  });

  test('takes up a new session after each that dies in a transaction', async () => {
    const sql = await open(database.url);
    await sql`create table if not exists killed (id integer, label text)`;
    for (let round = 0; round < 5; round++) {
      const [copying] = await Promise.allSettled([
        sql.begin((transaction) => copyIn(transaction, 'copy killed from stdin', endlessLines())),
        terminateCopy(database.sql, 'runtime-test'),
      ]);
      expect(copying.status).toBe('rejected');
      expect(
        await sql`select ${round}::integer as round from (select count(*) from killed having count(*) = 0) empty`,
      ).toEqual([{ round }]);
    }
    await sql.end();
  });

  test('leaves no open handle: a process ends by itself after good and bad COPYs', async () => {
    const output = execFileSync(process.execPath, NODE_ARGUMENTS, {
      input: await bundled(SCRIPT),
      env: { DATABASE_URL: database.url },
      timeout: 30_000,
    });
    expect(output.toString()).toBe('22012 23505 ended\n');
  });

  test('statements whose client was killed end on the server, on the first connection of a pool and on the next', async () => {
    const client = spawn(process.execPath, NODE_ARGUMENTS, {
      env: { DATABASE_URL: database.url },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    client.stdin.end(await bundled(SLEEPERS));
    await until('two statements at sleep', async () => (await asleep()) === 2);
    client.kill('SIGKILL');
    await until('an end of both', async () => (await asleep()) === 0);
  });

  async function asleep(): Promise<number> {
    const sessions = await database.sql`
      select from pg_stat_activity where application_name = 'sleepers' and wait_event = 'PgSleep'`;
    return sessions.length;
  }
});

/** Breaks off one COPY, lets two fail, ends the pool, and leaves it to Node to notice that nothing is left to do. */
const SCRIPT = `
  import { connect, copyIn, copyOut } from '../src/index.ts';
  import { ENDLESS_COPY_OUT, FAILING_COPY_OUT, endlessLines, lines } from './copy-statements.ts';
  const sql = await connect(process.env.DATABASE_URL, { subject: 'source', connections: 2, applicationName: 'handles' });
  for await (const chunk of copyOut(sql, ENDLESS_COPY_OUT)) break;
  const out = await (async () => { for await (const chunk of copyOut(sql, FAILING_COPY_OUT)); })().catch((error) => error.code);
  await sql\`create table handles (id integer primary key, label text)\`;
  await copyIn(sql, 'copy handles from stdin', [lines(0)]);
  const into = await copyIn(sql, 'copy handles from stdin', endlessLines()).catch((error) => error.code);
  await sql.end();
  process.stdout.write([out, into, 'ended'].join(' ') + '\\n');
`;

/** Has the server sleep on both of its connections, longer than any test. */
const SLEEPERS = `
  import { connect } from '../src/index.ts';
  const sql = await connect(process.env.DATABASE_URL, { subject: 'source', connections: 2, applicationName: 'sleepers' });
  await Promise.all([sql\`select pg_sleep(3600)\`, sql\`select pg_sleep(3600)\`]);
`;

/** Node reads a module from its standard input. */
const NODE_ARGUMENTS = ['--no-warnings', '--input-type=module', '-'];

async function bundled(script: string): Promise<string> {
  const bundle = await build({
    stdin: { contents: script, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return bundle.outputFiles[0]!.text;
}

function open(url: string) {
  return connect(url, { subject: 'source', connections: 1, applicationName: 'runtime-test' });
}

async function expectWithoutPassword(url: string, message: RegExp): Promise<void> {
  const error = await open(url).then(
    () => undefined,
    (error: PipelineError) => error,
  );
  expect(error).toMatchObject({ name: 'PipelineError', code: 'CONNECTION_FAILED' });
  expect(error?.message).toMatch(message);
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(PASSWORD);
}

/** The ErrorResponse by which Postgres turns a wrong password away. */
const REFUSAL = (() => {
  const fields = Buffer.from('SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "user"\0\0');
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
})();

async function listen(
  onConnection: Parameters<typeof createServer>[1] & object,
): Promise<{ server: Server; url: string }> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, url: `postgres://user:${PASSWORD}@127.0.0.1:${address.port}/database` };
}
