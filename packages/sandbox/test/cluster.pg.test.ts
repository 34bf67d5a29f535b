import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect as dial } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import postgres from 'postgres';
import { cacheFolder } from '../src/cache-folder.ts';
import { startCluster } from '../src/cluster.ts';
import { findServerUser } from '../src/server-user.ts';
import { until } from '../src/until.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const BUNDLE = join(PACKAGE, 'build/cluster-under-test.mjs');

/** The child's output once its server is up. */
interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<string>;
}

const started: ChildProcess[] = [];
let cache: string;

beforeAll(async () => {
  await build({
    entryPoints: [join(PACKAGE, 'src/cluster.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['postgres'],
    outfile: BUNDLE,
  });
  cache = await createCache();
});

afterEach(async () => {
  for (const child of started.splice(0)) await kill(child);
});

afterAll(async () => {
  await rm(cache, { recursive: true, force: true });
  await rm(BUNDLE, { force: true });
});

test('a cluster of this process makes databases, and leaves no process or file when it is stopped', async () => {
  const cluster = await startCluster();
  const first = postgres(await cluster.createDatabase('one'), { max: 1 });
  await first`create table kept as select 1 as one`;
  await first.end();
  const copy = postgres(await cluster.createDatabase('two', { template: 'one' }), { max: 1 });
  expect(await copy`select one from kept`).toEqual([{ one: 1 }]);
  await cluster.dropDatabase('two');
  await copy.end();
  await cluster.stop();
  const clusters = await readdir(join(await cacheFolder(await findServerUser()), 'clusters'));
  expect(clusters.filter((name) => name.startsWith(`${process.pid}-`))).toEqual([]);
});

test('serves an empty cache, over TCP on the loopback address alone, with a password', async () => {
  const { url } = await start();
  const sql = postgres(url, { max: 1 });
  const [row] = await sql`
    select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
           current_setting('server_encoding') as encoding, current_setting('lc_collate', true) as collation`;
  expect(row).toMatchObject({ addresses: '127.0.0.1', sockets: '', encoding: 'UTF8' });
  await sql.end();
  const wrong = postgres(url.replace(/:[^:@]+@/, ':wrong@'), { max: 1 });
  await expect(wrong`select 1`).rejects.toMatchObject({ code: '28P01' });
  await wrong.end();
});

test('runs as a user without rights where we are root, in our process group', async () => {
  const { child } = await start();
  const server = await findServer(child);
  const { uid } = await stat(server.data);
  expect(uid === 0).toBe(false);
  if (process.getuid?.() !== 0) expect(uid).toBe(process.getuid?.());
  if (process.platform === 'linux') expect(await groupOf(server.pid)).toBe(await groupOf(process.pid));
});

test('stops its server and removes its folder', async () => {
  const { child, url, ended } = await start();
  const { data } = await findServer(child);
  child.kill('SIGUSR2');
  expect(await ended).toBe('stopped');
  expect(existsSync(data)).toBe(false);
  expect(await answers(url)).toBe(false);
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'leaves no server when its process ends by %s, and no folder after the next start',
  async (signal) => {
    const { child, url } = await start();
    const { data } = await findServer(child);
    child.kill(signal);
    await until('the end of the server', async () => !(await answers(url)));
    await start();
    expect(existsSync(data)).toBe(false);
  },
);

test('two first starts at once both succeed, and leave no drafts', async () => {
  const empty = await createCache();
  try {
    const both = await Promise.all([start(empty), start(empty)]);
    for (const { url } of both) {
      const sql = postgres(url, { max: 1 });
      expect(await sql`select 1 as one`).toHaveLength(1);
      await sql.end();
    }
    expect((await readdir(empty)).filter((name) => /\.\w{6}$/.test(name))).toEqual([]);
  } finally {
    for (const child of started.splice(0)) await kill(child);
    await rm(empty, { recursive: true, force: true });
  }
});

test('says which folder cannot be used, and why', async () => {
  const child = run({ TOTESYS_CACHE: fileURLToPath(import.meta.url) });
  const said = await readAll(child);
  expect(said).toContain('TOTESYS_CACHE');
  expect(said).toContain('EEXIST');
});

test('says where POSTGRES_BIN should have led', async () => {
  expect(await readAll(run({ POSTGRES_BIN: PACKAGE }))).toContain(
    `POSTGRES_BIN is '${PACKAGE}': expected a folder with initdb`,
  );
});

// Inside the usual cache, where programs run and the server's user can enter.
async function createCache(): Promise<string> {
  const folder = await mkdtemp(join(await cacheFolder(await findServerUser()), 'test-'));
  await chmod(folder, 0o755);
  return folder;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

function run(environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const program = `
    const { startCluster } = await import(${JSON.stringify(pathToFileURL(BUNDLE).href)});
    process.on('SIGUSR2', async () => { await cluster.stop(); process.stdout.write('stopped', () => process.exit()); });
    const cluster = await startCluster();
    process.stdout.write(cluster.url('postgres') + '\\n');
    setInterval(() => {}, 1000);`;
  const child = spawn(
    '/bin/sh',
    ['-c', 'umask 077; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', program],
    {
      env: { ...process.env, POSTGRES_BIN: '', TOTESYS_CACHE: cache, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  started.push(child);
  return child;
}

async function start(folder = cache): Promise<Started> {
  const child = run({ TOTESYS_CACHE: folder });
  let said = '';
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(said.split('\n').at(-1)!)));
  for (const stream of [child.stdout, child.stderr])
    stream!.on('data', (chunk) => {
      said += chunk;
    });
  await until('a server that has started', () => said.includes('\n'), { explain: () => said });
  const url = said.split('\n')[0]!;
  if (!url.startsWith('postgres://')) throw new Error(said);
  return { child, url, ended };
}

async function readAll(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of child.stderr!) said += chunk;
  return said;
}

async function findServer(child: ChildProcess): Promise<{ pid: number; data: string }> {
  const clusters = join(cache, 'clusters');
  const name = (await readdir(clusters)).find((candidate) => candidate.startsWith(`${child.pid}-`))!;
  const data = join(clusters, name, 'data');
  return { pid: Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10), data };
}

async function groupOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8');
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[2]!;
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
