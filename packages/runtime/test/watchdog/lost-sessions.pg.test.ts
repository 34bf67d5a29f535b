import { execFileSync, spawn } from 'node:child_process';
import { createTestDatabase, type TestDatabase, until } from '@totesys/sandbox';
import { build } from 'esbuild';
import { copyIn } from '../../src/index.ts';
import { openPool } from '../open-pool.ts';
import { endlessLines, terminateCopy } from '../postgres/copy-statements.ts';

describe('connect', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  test('keeps the statements of a transaction whose session died out of the next session', async () => {
    const sql = await openPool(database.url);
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
    await expect(work).rejects.toMatchObject({ code: '57P01' });
    await sql`select 1`;
    died();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await late).toBe('57P01');
    expect(await sql`select * from ledger`).toHaveLength(0);
    await sql.end();
  });

  test('rejects what a reserved connection is asked after its session died, and replaces it', async () => {
    const sql = await openPool(database.url);
    const reserved = await sql.reserve();
    const [session] = await reserved`select pg_backend_pid() as pid`;
    const sleeping = reserved`select pg_sleep(60)`.catch((error) => error.code);
    await database.sql`select pg_terminate_backend(${session?.pid})`;
    expect(await sleeping).toBe('57P01');
    await expect(reserved`select 1`).rejects.toMatchObject({ code: '57P01' });
    reserved.release();
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    await sql.end();
  });

  test('takes up a new session after each that dies in a transaction', async () => {
    const sql = await openPool(database.url);
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
      select from pg_stat_activity
       where datname = current_database() and application_name = 'sleepers' and wait_event = 'PgSleep'`;
    return sessions.length;
  }
});

/** Breaks off one COPY, lets two fail, ends the pool, and leaves it to Node to notice that nothing is left to do. */
const SCRIPT = `
  import { connect, copyIn, copyOut } from '../../src/index.ts';
  import { ENDLESS_COPY_OUT, FAILING_COPY_OUT, endlessLines, lines } from '../postgres/copy-statements.ts';
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
  import { connect, inTransaction, READ_COMMITTED } from '../../src/index.ts';
  const sql = await connect(process.env.DATABASE_URL, { subject: 'source', connections: 2, applicationName: 'sleepers' });
  const sleep = () => inTransaction(sql, READ_COMMITTED, (transaction) => transaction\`select pg_sleep(3600)\`);
  await Promise.all([sleep(), sleep()]);
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
