import { createServer, connect as dial, type Server } from 'node:net';
import { inspect } from 'node:util';
import { createTestDatabase, createTestRole, type TestDatabase, type TestRole } from '@totesys/sandbox';
import type { PipelineError } from '../src/index.ts';
import { openPool } from './open-pool.ts';

const PASSWORD = 'never-in-a-message';

describe('connect', () => {
  let database: TestDatabase;
  let role: TestRole;

  beforeAll(async () => {
    database = await createTestDatabase();
    role = await createTestRole(database, (name) => `alter role ${name} password '${PASSWORD}'`);
  });
  afterAll(async () => {
    await role.drop();
    await database.drop();
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
    [url.username, url.password] = [role.name, PASSWORD];
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

  test('says which right a role lacks that may not connect', async () => {
    const url = new URL(role.url);
    url.password = PASSWORD;
    await database.sql.unsafe(`revoke connect on database ${url.pathname.slice(1)} from public`);
    await expectWithoutPassword(url.href, /42501.*Run: grant connect on the database to the source's user/);
    await database.sql.unsafe(`grant connect on database ${url.pathname.slice(1)} to public`);
  });

  test('gives up on a peer that accepts and hangs up', async () => {
    const { server, url } = await listen((socket) => socket.destroy());
    await expect(openPool(url)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    server.close();
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
    await expect(openPool(watched.href)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', hear);
    expect(unhandled).toEqual([]);
    server.close();
  });
});

async function expectWithoutPassword(url: string, message: RegExp): Promise<void> {
  const error = await openPool(url).then(
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
