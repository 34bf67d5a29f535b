import { type ChildProcess, spawn } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect as dial, type Socket, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { createTestDatabase, type TestDatabase, until } from '@totesys/sandbox';
import { openPool } from '../open-pool.ts';

/** Forwards connections to a port; while it is stopped by a signal, its full queue lets the kernel drop every SYN. */
const FORWARDER = `
  const net = require('node:net');
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(process.argv[1]), '127.0.0.1');
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => console.log(server.address().port));
`;
/** What /proc/net/tcp shows of a connection whose SYN has no answer yet. */
const SYN_SENT = '02';

// Only Linux shows when a SYN has been dropped.
const onLinux = existsSync('/proc/net/tcp') ? test : test.skip;

const { lookup } = dns;
let database: TestDatabase;
let forwarder: ChildProcess;
let fillers: Socket[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
afterEach(() => {
  dns.lookup = lookup;
  for (const filler of fillers) filler.destroy();
  fillers = [];
  forwarder.kill('SIGKILL');
});

onLinux('a host of two addresses, one slow to answer and one without a server, is connected to', async () => {
  setDefaultAutoSelectFamilyAttemptTimeout(250);
  const port = await startForwarder(Number(new URL(database.url).port));
  forwarder.kill('SIGSTOP');
  await dropSyns(port);
  resolveTo('127.0.0.1', '127.0.0.3');
  const url = new URL(database.url);
  [url.hostname, url.port] = ['dual.stack.test', String(port)];
  url.searchParams.set('sslmode', 'disable');
  const before = await countUnanswered(port);
  const opening = openPool(url.href);
  opening.catch(() => {});
  await until('another SYN without an answer', async () => (await countUnanswered(port)) > before);
  forwarder.kill('SIGCONT');
  const sql = await opening;
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  await sql.end();
});

async function startForwarder(to: number): Promise<number> {
  forwarder = spawn(process.execPath, ['-e', FORWARDER, String(to)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(forwarder.stdout!, 'data');
  return Number(String(line));
}

async function dropSyns(port: number): Promise<void> {
  await until('a full queue', async () => {
    fillers.push(dial(port, '127.0.0.1').on('error', () => {}));
    return (await countUnanswered(port)) > 0;
  });
}

async function countUnanswered(port: number): Promise<number> {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return rows.filter(([, , address, state]) => address === remote && state === SYN_SENT).length;
}

// The client looks names up by what the module has at that time.
function resolveTo(...addresses: string[]): void {
  dns.lookup = ((_host: string, _options: object, found: (...answer: unknown[]) => void) =>
    found(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    )) as never;
}
