import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, populate, startTcpProxy, type TcpProxy, type TestDatabase, until } from '@totesys/sandbox';
import { build } from 'esbuild';
import { startTotesys, totesys } from './built-command.ts';

const OWN = fileURLToPath(new URL('../../cli', import.meta.url));

describe('over a network that fails', () => {
  let source: TestDatabase;
  let warehouse: TestDatabase;
  let lake: string;
  let proxy: TcpProxy;

  beforeEach(async () => {
    source = await createTestDatabase({ totesys: true });
    warehouse = await createTestDatabase();
    await populate(source.sql, { seed: 5, salesOrders: 5_000, purchaseOrders: 100 });
    lake = await mkdtemp(join(tmpdir(), 'lake-'));
  });
  afterEach(async () => {
    await proxy.close();
    await Promise.all([source.drop(), warehouse.drop(), rm(lake, { recursive: true })]);
  });

  const environment = () => ({ SOURCE_URL: proxy.url, WAREHOUSE_URL: warehouse.url, LAKE: lake });
  const sessions = async () =>
    (await source.sql`select from pg_stat_activity where datname = current_database() and application_name = 'totesys'`)
      .length;

  test('a connection that closes while it opens ends the run with a reason, and the next run continues', async () => {
    proxy = await startTcpProxy(source.url, { closes: { connection: 3, afterBytes: 1_000 } });
    const first = await totesys(['run', '--json'], environment());
    expect(first).toMatchObject({ code: 1, json: { ok: false, error: { code: 'CONNECTION_FAILED' } } });
    const second = await totesys(['run', '--json'], environment());
    expect(second).toMatchObject({ code: 0, json: { ok: true, outcome: 'done', batches: [1] } });
  });

  test('a stream that stalls ends the run, and none of its sessions keeps a lock on a table', async () => {
    proxy = await startTcpProxy(source.url, { freezes: { afterBytes: 300_000, admitsNew: true } });
    const ended = await totesys(['run', '--json'], { ...environment(), STALL_SECONDS: '1' });
    expect(ended).toMatchObject({ code: 1, json: { ok: false, error: { code: 'TIMED_OUT' } } });
    expect(proxy.isFrozen()).toBe(true);
    await until('an end of its sessions', async () => (await sessions()) === 0);
    await source.sql.begin(async (sql) => {
      await sql`set local lock_timeout = '1s'`;
      await sql`alter table sales_order add column note text`;
    });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends a run whose network is frozen', async (signal) => {
    proxy = await startTcpProxy(source.url, { freezes: { afterBytes: 300_000, admitsNew: true } });
    const { child, ended } = startTotesys(['run', '--json'], environment());
    await until('a frozen network', () => proxy.isFrozen());
    child.kill(signal);
    const { code, json, stdout } = await ended;
    expect({ code, json }).toMatchObject({ code: 130, json: { ok: false, error: { code: 'INTERRUPTED' } } });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    await until('an end of its sessions', async () => (await sessions()) === 0);
  });
});

describe('a call', () => {
  test.each([['--json=true'], ['--json=1'], ['--json=']])('with %s is wrong, and ends with JSON', async (option) => {
    const { code, stdout, json } = await totesys(['status', option]);
    expect({ code, json }).toEqual({
      code: 2,
      json: { ok: false, error: { code: 'USAGE', message: expect.stringMatching(/unknown option/) } },
    });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  test.each([
    ['--version', /^\d+\.\d+\.\d+\n$/],
    ['--help', /^Usage: totesys/],
  ])('of %s prints text and ends with 0, with --json too', async (option, text) => {
    for (const args of [[option], ['--json', option]]) {
      expect(await totesys(args)).toMatchObject({ code: 0, stdout: expect.stringMatching(text), stderr: '' });
    }
  });

  test.each(['x', '0', '-1', '1e9'])('with STALL_SECONDS=%s is wrong', async (value) => {
    const { code, json } = await totesys(['status', '--json', '--lake', 'build/never'], { STALL_SECONDS: value });
    expect({ code, error: json.error }).toMatchObject({ code: 2, error: { code: 'USAGE' } });
  });
});

describe('the process', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'command-'));
    await cp(join(OWN, 'bin'), join(folder, 'bin'), { recursive: true });
    await mkdir(join(folder, 'dist'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const start = () => {
    const child = spawn(process.execPath, [join(folder, 'bin/totesys.mjs'), 'run', '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<{ code: number | null; json: unknown }>((resolve) => {
      child.on('close', (code) => resolve({ code, json: stdout === '' ? undefined : JSON.parse(stdout) }));
    });
    return { child, ended, said: () => stderr };
  };

  test('handles a signal while the program loads', async () => {
    const slow = `process.stderr.write('loading'); await new Promise((resolve) => setTimeout(resolve, 60_000));`;
    await writeFile(join(folder, 'dist/main.mjs'), slow);
    const { child, ended, said } = start();
    await until('the program to load', () => said() === 'loading');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 130, json: { ok: false, error: { code: 'INTERRUPTED' } } });
  });

  test('ends with an error if the program cannot be loaded, or was never built', async () => {
    expect(await start().ended).toMatchObject({ code: 2, json: { ok: false, error: { code: 'USAGE' } } });
    await writeFile(join(folder, 'dist/main.mjs'), 'throw new Error("broken")');
    expect(await start().ended).toMatchObject({ code: 1, json: { ok: false, error: { code: 'UNEXPECTED' } } });
  });

  test.each([
    ['waits for what never comes', 'new Promise(() => {})', /never comes/],
    ['has a fault that nobody awaits', 'new Promise(() => setTimeout(() => { throw new Error("stray") }))', /stray/],
    ['has a rejection that nobody awaits', 'new Promise(() => { Promise.reject(new Error("stray")) })', /stray/],
    ['fails', 'Promise.reject(new Error("fails"))', /fails/],
  ])('answers where a command %s', async (_, work, message) => {
    await build({
      entryPoints: { main: join(OWN, 'src/main.ts') },
      outdir: join(folder, 'dist'),
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      loader: { '.wasm': 'empty' },
      plugins: [
        {
          name: 'one-command',
          setup: ({ onLoad }) => {
            const contents = `export const createProgram = () => ({ parseAsync: () => ${work} });`;
            onLoad({ filter: /src\/program\.ts$/ }, () => ({ contents }));
          },
        },
      ],
    });
    expect(await start().ended).toMatchObject({
      code: 1,
      json: { ok: false, error: { code: 'UNEXPECTED', message: expect.stringMatching(message) } },
    });
  });
});
