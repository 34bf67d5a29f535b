import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import type { ServerUser } from './server-user.ts';

/** A server starts within a tenth of a second; on a loaded machine it takes longer. */
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const STARTS = 3;
/** The log line of a server that is ready; a standby accepts read-only connections. */
const READY = /database system is ready to accept (read-only )?connections/;
// A server runs for one test run or demo: a crash loses no data of value, and no data leaves this machine.
const SETTINGS: ServerSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  autovacuum_naptime: '10s',
  password_encryption: 'scram-sha-256',
};
/**
 * Starts the server and a watch on its stdin: when the process at the other end ends, for any reason, the watch stops
 * the server. Handlers in Node cannot do this: none runs after SIGKILL, and jest does not run those of a test.
 */
const PROGRAM = `exec 3<&0 </dev/null
((trap '' INT TERM HUP; read -r _ <&3; kill -INT $$) 2>/dev/null &)
exec "$@" 3<&-`;

/** Settings of a server by their names. */
export type ServerSettings = Readonly<Record<string, string | number>>;

/** A Postgres server that runs as a child of this process, in its process group. */
export interface ServerProcess {
  readonly port: number;
  /** Stops the server by a fast shutdown; with SIGQUIT it stops without one, and the next start recovers. */
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
}

/**
 * Starts the server of `<folder>/data` on a free port of the loopback address, unless the settings have a port; its log
 * is `<folder>/server.log`.
 */
export async function startServer(
  program: string,
  folder: string,
  user: ServerUser | undefined,
  settings: ServerSettings & { readonly port?: number } = {},
): Promise<ServerProcess> {
  for (let start = 1; ; start++) {
    const port = settings.port ?? (await freePort());
    const server = spawnServer(program, folder, { ...SETTINGS, ...settings, port }, user);
    const fault = await waitUntilReady(server, join(folder, 'server.log'));
    if (fault === undefined) return { port, stop: (signal) => stopServer(server, signal) };
    await stopServer(server);
    // Another process may have taken the port meanwhile.
    if (start === STARTS) throw new Error(`The embedded Postgres does not start: ${fault}`);
  }
}

function spawnServer(
  program: string,
  folder: string,
  settings: ServerSettings,
  user: ServerUser | undefined,
): ChildProcess {
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(join(folder, 'server.log'), 'w');
  const server = spawn('/bin/sh', ['-c', PROGRAM, 'sh', program, '-D', join(folder, 'data'), ...options], {
    cwd: folder,
    stdio: ['pipe', log, log],
    ...user,
  });
  closeSync(log);
  // The server does not keep this process running.
  server.unref();
  (server.stdin as Socket).unref();
  return server;
}

async function waitUntilReady(server: ChildProcess, logFile: string): Promise<string | undefined> {
  let failure: string | undefined;
  server.once('error', (error) => {
    failure = error.message;
  });
  const limit = Date.now() + START_LIMIT_MS;
  while (failure === undefined && !hasEnded(server)) {
    const log = await readFile(logFile, 'utf8');
    if (READY.test(log)) return undefined;
    if (Date.now() > limit) failure = `not ready after ${START_LIMIT_MS / 1000} s`;
    await delay(20);
  }
  const log = await readFile(logFile, 'utf8');
  return `${failure ?? 'it ended at once'}. Its log ends:\n${log.split('\n').slice(-8).join('\n')}`;
}

async function stopServer(server: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  if (hasEnded(server) || server.pid === undefined) return;
  // The child was unreferenced so that it does not keep this process running; now its end is awaited.
  server.ref();
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  const timer = setTimeout(() => server.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}
