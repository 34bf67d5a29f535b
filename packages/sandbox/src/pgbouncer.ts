import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { findServerUser, giveTo } from './server-user.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** A real PgBouncer in front of a Postgres server. */
export interface PgBouncer {
  /** The URL of the same database and user, through the pooler. */
  through(url: string): string;
  stop(): Promise<void>;
}

/** Where Debian and Homebrew install it. */
const PLACES = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer', '/usr/local/bin/pgbouncer'];
const INSTALL_LIMIT_MS = 240_000;

/**
 * Returns the path of PgBouncer; undefined if it is not installed. With CI=true it installs PgBouncer by a package
 * manager, and throws if that fails.
 */
export async function findPgBouncer(): Promise<string | undefined> {
  const found = await firstPresent();
  if (found !== undefined || process.env.CI !== 'true') return found;
  const [command, ...arguments_] = installation();
  await run(command, arguments_, { timeout: INSTALL_LIMIT_MS });
  const installed = await firstPresent();
  if (installed === undefined) throw new Error('PgBouncer was installed, but its program was not found.');
  return installed;
}

/**
 * Starts PgBouncer in front of the server of a URL, on the loopback address. Its settings are the defaults, except the
 * mode and the size of the pool.
 */
export async function startPgBouncer(
  program: string,
  url: string,
  options: { readonly mode: 'session' | 'transaction'; readonly poolSize: number },
): Promise<PgBouncer> {
  const { hostname, port, username, password } = new URL(url);
  const user = await findServerUser();
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  const listenPort = await freePort();
  const config = join(folder, 'pgbouncer.ini');
  await writeFile(join(folder, 'users.txt'), `"${username}" "${decodeURIComponent(password)}"\n`);
  await writeFile(
    config,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = ${options.mode}
default_pool_size = ${options.poolSize}
`,
  );
  await chmod(folder, 0o700);
  await giveTo(folder, user);
  const server = spawn(program, ['--quiet', config], { ...user, stdio: 'ignore' });
  const ended = once(server, 'exit');
  await until('a listening PgBouncer', () => answers(listenPort));
  return {
    through: (direct) => {
      const pooled = new URL(direct);
      pooled.port = String(listenPort);
      return pooled.href;
    },
    stop: async () => {
      server.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function firstPresent(): Promise<string | undefined> {
  for (const place of PLACES) {
    try {
      await access(place);
      return place;
    } catch {
      // It is missing here.
    }
  }
  return undefined;
}

function installation(): [string, ...string[]] {
  if (process.platform === 'darwin') return ['brew', 'install', 'pgbouncer'];
  // Test files run at the same time, and apt runs only once at a time.
  const lock = join(tmpdir(), 'totesys-apt.lock');
  const install =
    `exec 9> '${lock}' && flock 9 && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy ` +
    'pgbouncer';
  return process.getuid?.() === 0 ? ['sh', '-c', install] : ['sudo', '-n', 'sh', '-c', install];
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
