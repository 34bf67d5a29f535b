import { createServer, connect as dial, type Server } from 'node:net';
import { inspect } from 'node:util';
import { createTestDatabase, createTestRole, type TestDatabase, type TestRole } from '@totesys/sandbox';
import type { PipelineError } from '../../src/index.ts';
import { openPool } from '../open-pool.ts';

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
      /: the server has no TLS\. Switch TLS on in the server \(ssl = on\), or set sslmode=disable/,
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
      socket.once('data', () => socket.end(errorResponse('28P01', 'password authentication failed for user "user"')));
    });
    await expectWithoutPassword(url, /answered 28P01.*Correct the user or the password/);
    server.close();
  });

  test.each([
    ['12.22 (Debian 12.22-1)', /is too old: expected Postgres 13 or newer, got 12\.22/],
    ['9.6.24', /is too old: expected Postgres 13 or newer, got 9\.6\.24/],
    ['8.0.2 on i686, Redshift 1.0.48805', /expected Postgres 13 or newer, got 8\.0\.2 on i686, Redshift/],
  ])('says first that a server of version %s is too old', async (version, message) => {
    const { hostname, port } = new URL(database.url);
    const { server, url } = await listen((client) => {
      const upstream = dial(Number(port), hostname);
      client.on('error', () => upstream.destroy()).pipe(upstream);
      upstream.on('error', () => client.destroy()).on('data', (chunk) => client.write(withVersion(chunk, version)));
    });
    const watched = new URL(database.url);
    watched.port = new URL(url).port;
    await expect(openPool(watched.href)).rejects.toMatchObject({
      code: 'SERVER_TOO_OLD',
      message: expect.stringMatching(message),
    });
    server.close();
  });

  test('says that a server is too old which does not know a setting of ours', async () => {
    const { server, url } = await listen((socket) => {
      socket.once('data', () => socket.end(errorResponse('42704', 'unrecognized configuration parameter "x"')));
    });
    await expectWithoutPassword(url, /answered 42704.*use Postgres 13 or newer/);
    server.close();
  });

  test('says that a server is none of Postgres', async () => {
    const { server, url } = await listen((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    await expectWithoutPassword(`${url}?sslmode=require`, /does not answer as Postgres does\. Check host and port/);
    server.close();
  });

  test('says which right a role lacks that may not connect', async () => {
    const url = new URL(role.url);
    url.password = PASSWORD;
    await database.sql.unsafe(`revoke connect on database ${url.pathname.slice(1)} from public`);
    await expectWithoutPassword(url.href, /42501.*Run: grant connect on the database to the source's user/);
    await database.sql.unsafe(`grant connect on database ${url.pathname.slice(1)} to public`);
  });

  test('fails when the peer accepts and closes the connection', async () => {
    const { server, url } = await listen((socket) => socket.destroy());
    await expect(openPool(url)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    server.close();
  });

  test('a session that ends during its setup rejects the waiting call, and ends no process', async () => {
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

/** The ErrorResponse by which Postgres refuses a session. */
function errorResponse(sqlstate: string, said: string): Buffer {
  return message('E', `SFATAL\0VFATAL\0C${sqlstate}\0M${said}\0\0`);
}

function message(type: string, text: string): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`);
  head.writeInt32BE(Buffer.byteLength(text) + 4, 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** What a server says, with another version of it. */
function withVersion(chunk: Buffer, version: string): Buffer {
  const name = chunk.indexOf('server_version\0');
  if (name < 0) return chunk;
  const end = name - 4 + chunk.readInt32BE(name - 4);
  return Buffer.concat([
    chunk.subarray(0, name - 5),
    message('S', `server_version\0${version}\0`),
    chunk.subarray(end),
  ]);
}

async function listen(
  onConnection: Parameters<typeof createServer>[1] & object,
): Promise<{ server: Server; url: string }> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, url: `postgres://user:${PASSWORD}@127.0.0.1:${address.port}/database` };
}
