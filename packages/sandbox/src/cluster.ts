import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chmod, chown, cp, lchown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { OWNER_FILE, reapAbandonedClusters } from './abandoned-clusters.ts';
import { cacheFolder } from './cache-folder.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { findServerUser, type ServerUser } from './server-user.ts';

/** A server is up in a tenth of a second; a loaded machine takes longer. */
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
// It lives for a test run or a demo: what a crash would lose is nobody's, and it never leaves this machine.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  autovacuum_naptime: '10s',
  password_encryption: 'scram-sha-256',
};

/** A running Postgres server of our own. */
export interface Cluster {
  readonly port: number;
  /** The URL of a database for the superuser. */
  url(database: string): string;
  /** Creates a database and gives its URL. */
  createDatabase(name: string, options?: { template?: string }): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an embedded Postgres in a folder of its own, on the loopback address; it ends with this process at the latest. */
export async function startCluster(): Promise<Cluster> {
  const cache = await cacheFolder();
  const user = await findServerUser();
  const binaries = await findPostgresBinaries(cache);
  const clusters = join(cache, 'clusters');
  await mkdir(clusters, { recursive: true });
  await reapAbandonedClusters(clusters);
  const { template, password } = await initialisedCluster(cache, binaries, user);
  const folder = await mkdtemp(join(clusters, `${process.pid}-`));
  await chmod(folder, 0o755);
  await writeFile(join(folder, OWNER_FILE), String(process.pid));
  await cp(template, join(folder, 'data'), { recursive: true });
  await own(join(folder, 'data'), user);
  const port = await freePort();
  const server = await startServer(binaries, folder, port, user);
  return running(server, folder, port, password);
}

// initdb takes most of a second: done once for a version and a user, then copied.
async function initialisedCluster(cache: string, binaries: PostgresBinaries, user: ServerUser | undefined) {
  const name = `data-${binaries.version}-${user?.uid ?? process.getuid?.() ?? 0}`;
  const template = join(cache, name);
  if (!existsSync(template)) {
    const draft = await mkdtemp(`${template}.`);
    const passwordFile = join(draft, 'password');
    await writeFile(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
    await own(draft, user);
    const options = [
      '--locale=C',
      '--encoding=UTF8',
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--no-sync',
    ];
    await promisify(execFile)(join(binaries.folder, 'initdb'), ['-D', join(draft, 'data'), ...options], {
      cwd: draft,
      ...user,
    });
    await rename(draft, template).catch(async (error) => {
      await rm(draft, { recursive: true, force: true });
      if (!existsSync(template)) throw error;
    });
  }
  return { template: join(template, 'data'), password: await readFile(join(template, 'password'), 'utf8') };
}

async function startServer(
  binaries: PostgresBinaries,
  folder: string,
  port: number,
  user: ServerUser | undefined,
): Promise<ChildProcess> {
  const settings = Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const logFile = join(folder, 'server.log');
  const log = openSync(logFile, 'a');
  // In our process group, so that Ctrl-C reaches it too.
  const server = spawn(join(binaries.folder, 'postgres'), ['-D', join(folder, 'data'), ...settings], {
    cwd: folder,
    stdio: ['ignore', log, log],
    ...user,
  });
  closeSync(log);
  server.unref();
  let failure = '';
  server.on('error', (error) => {
    failure = error.message;
  });
  const end = Date.now() + START_LIMIT_MS;
  while (failure === '' && server.exitCode === null && Date.now() < end) {
    if ((await readFile(logFile, 'utf8').catch(() => '')).includes('database system is ready to accept connections'))
      return server;
    await delay(20);
  }
  server.kill('SIGKILL');
  const tail = (await readFile(logFile, 'utf8').catch(() => '')).split('\n').slice(-8).join('\n');
  throw new Error(`The embedded Postgres did not start within ${START_LIMIT_MS / 1000} s: ${failure}\n${tail}`);
}

function running(server: ChildProcess, folder: string, port: number, password: string): Cluster {
  const url = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const killAtExit = () => server.kill('SIGQUIT');
  process.once('exit', killAtExit);
  const administer = async (statement: string) => {
    const sql = postgres(url('postgres'), { max: 1, onnotice: () => {} });
    try {
      await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
  };
  return {
    port,
    url,
    createDatabase: async (name, options = {}) => {
      await administer(
        `create database ${quoted(name)}${options.template ? ` template ${quoted(options.template)}` : ''}`,
      );
      return url(name);
    },
    dropDatabase: (name) => administer(`drop database if exists ${quoted(name)} with (force)`),
    stop: async () => {
      process.off('exit', killAtExit);
      await stopServer(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  // It was let go of so that it keeps nobody alive; now its end is waited for.
  server.ref();
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  await Promise.race([ended, delay(STOP_LIMIT_MS, undefined, { ref: false }).then(() => server.kill('SIGKILL'))]);
  await ended;
}

// chown of a whole tree: the server's user owns what it writes, and nothing else.
async function own(path: string, user: ServerUser | undefined): Promise<void> {
  if (!user) return;
  for (const entry of await readdir(path, { recursive: true })) await lchown(join(path, entry), user.uid, user.gid);
  await chown(path, user.uid, user.gid);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
