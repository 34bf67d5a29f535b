import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { ErrorCode } from '@totesys/runtime';
import { startMinistack } from '@totesys/sandbox';
import { openStore, S3Store } from '../../src/index.ts';
import { S3_TIMEOUTS, s3Opener } from '../../src/stores/open-s3.ts';
import { sweepableBucket } from '../../src/stores/sweepable/sweepable-bucket.ts';
import { storeConformance } from './store-conformance.ts';
import { sweepableConformance } from './sweepable-conformance.ts';

const ministack = await startMinistack();
const describeOnAws = 'missing' in ministack ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in ministack) console.warn(`Skipped, S3 is not emulated: ${ministack.missing}`);

const before = { ...process.env };

beforeAll(() => {
  if (!('missing' in ministack)) Object.assign(process.env, ministack.env);
});

afterAll(async () => {
  process.env = before;
  if (!('missing' in ministack)) await ministack.stop();
});

describeOnAws('a bucket as a store', () => {
  beforeAll(async () => {
    await new S3Client({}).send(
      new CreateBucketCommand({ Bucket: 'lake', CreateBucketConfiguration: { LocationConstraint: 'eu-west-2' } }),
    );
  });

  let stores = 0;
  storeConformance(async () => new S3Store('lake', `test/${++stores}`));

  describe('that can be swept', () => {
    sweepableConformance(async () => sweepableBucket('lake', `swept/${++stores}`));
  });

  test('lists more keys than one answer holds', async () => {
    const store = new S3Store('lake', 'many');
    const keys = Array.from({ length: 1_050 }, (_, i) => `k${String(i).padStart(5, '0')}`);
    for (let i = 0; i < keys.length; i += 50) {
      await Promise.all(keys.slice(i, i + 50).map((key) => store.putIfAbsent(key, Buffer.from(key))));
    }
    const listed: string[] = [];
    for await (const { key } of store.list('k', { after: keys[9]!, limit: 1_020 })) listed.push(key);
    expect(listed).toEqual(keys.slice(10, 1_030));
  });

  test('that ignores If-None-Match is refused before anything is written', async () => {
    const endpoint = process.env.AWS_ENDPOINT_URL!;
    const forgetful = await startForgetfulProxy(new URL(endpoint));
    process.env.AWS_ENDPOINT_URL = forgetful.url;
    try {
      const lake = openStore('s3://lake/forgetful');
      const refusal = { code: ErrorCode.STORE_UNUSABLE, message: expect.stringContaining('412 Precondition Failed') };
      await expect(lake.putIfAbsent('a', Buffer.from('a'))).rejects.toMatchObject(refusal);
      expect(await lake.find('a')).toBeUndefined();
    } finally {
      process.env.AWS_ENDPOINT_URL = endpoint;
      await forgetful.close();
    }
    // The same objects behind an endpoint that keeps the header.
    expect(await openStore('s3://lake/forgetful').putIfAbsent('a', Buffer.from('a'))).toBe('created');
  });

  test('says that a bucket is missing, and never takes that for an empty lake', async () => {
    const store = new S3Store('no-such-bucket');
    const refusal = { code: ErrorCode.STORE_UNUSABLE, message: expect.stringContaining('does not exist') };
    await expect(store.find('a')).rejects.toMatchObject(refusal);
    await expect(store.putIfAbsent('a', Buffer.from('x'))).rejects.toMatchObject(refusal);
    await expect(store.list('').next()).rejects.toMatchObject(refusal);
  });
});

describe('what S3 may answer', () => {
  let server: Server;
  let answers: { status: number; code?: string; body?: string; stalls?: boolean }[];
  let requests: string[];

  beforeEach(async () => {
    requests = [];
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.headers['if-none-match'] ?? ''}`);
      request.resume().on('end', () => {
        const { status, code, body, stalls } = answers.shift()!;
        if (status === 0) return;
        if (stalls) {
          response.writeHead(status, { 'content-length': '100' }).write('half');
          return;
        }
        if (body === undefined && code === undefined && request.method === 'GET') {
          response.writeHead(status, { 'content-length': '100' }).write('half', () => response.destroy());
          return;
        }
        response.writeHead(status, { 'content-type': code ? 'application/xml' : 'application/octet-stream' });
        response.end(code ? `<Error><Code>${code}</Code><Message>no</Message></Error>` : body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'eu-west-2',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('an object whose body stalls is read again, and one that stalls each time is TIMED_OUT', async () => {
    const client = new S3Client({ requestHandler: { ...S3_TIMEOUTS, socketTimeout: 200 } });
    const store = new S3Store('lake', '', s3Opener(client));
    answers = [
      { status: 200, stalls: true },
      { status: 200, body: 'whole' },
    ];
    expect(Buffer.from(await store.get('a')).toString()).toBe('whole');
    answers = [1, 2, 3].map(() => ({ status: 200, stalls: true }));
    await expect(store.get('a')).rejects.toMatchObject({ code: ErrorCode.TIMED_OUT });
    expect(requests).toHaveLength(5);
  });

  test('takes a refused retry of its own put for what it is', async () => {
    answers = [
      { status: 503, code: 'SlowDown' },
      { status: 412, code: 'PreconditionFailed' },
      { status: 200, body: 'mine' },
    ];
    expect(await new S3Store('lake').putIfAbsent('a', Buffer.from('mine'))).toBe('same');
    expect(requests).toEqual(['PUT *', 'PUT *', 'GET ']);
  });

  test('tries again while another write of the key is going on', async () => {
    answers = [{ status: 409, code: 'ConditionalRequestConflict' }, { status: 200 }];
    expect(await new S3Store('lake').putIfAbsent('a', Buffer.from('mine'))).toBe('created');
    expect(requests).toEqual(['PUT *', 'PUT *']);
  });

  test('never takes a missing right for a missing object', async () => {
    answers = [{ status: 403, code: 'AccessDenied' }];
    await expect(new S3Store('lake').find('a')).rejects.toMatchObject({
      code: ErrorCode.STORE_UNUSABLE,
      message: expect.stringMatching(/access is denied.*s3:GetObject.*s3:ListBucket/),
    });
  });

  test('says which right is missing where an object may not be removed', async () => {
    answers = [{ status: 403, code: 'AccessDenied' }];
    await expect(sweepableBucket('lake').remove('a')).rejects.toMatchObject({
      code: ErrorCode.STORE_UNUSABLE,
      message: expect.stringContaining('s3:DeleteObject'),
    });
  });

  test('finds a missing object to be absent', async () => {
    answers = [{ status: 404, code: 'NoSuchKey' }];
    expect(await new S3Store('lake').find('a')).toBeUndefined();
  });

  test('never takes an answer that breaks off for the object', async () => {
    answers = [{ status: 200 }];
    await expect(new S3Store('lake').find('a')).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
  });

  test('ends a request that S3 never answers', async () => {
    answers = [{ status: 0 }];
    const requestHandler = { socketTimeout: 100, requestTimeout: 100, throwOnRequestTimeout: true };
    const store = new S3Store('lake', '', s3Opener(new S3Client({ maxAttempts: 1, requestHandler })));
    await expect(store.putIfAbsent('a', Buffer.from('x'))).rejects.toMatchObject({ code: ErrorCode.TIMED_OUT });
  });

  test('says where it cannot get through', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9';
    await expect(new S3Store('lake').find('a')).rejects.toMatchObject({
      code: ErrorCode.STORE_UNUSABLE,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

// Passes every request on without its If-None-Match, as a store does that does not know the header.
async function startForgetfulProxy(endpoint: URL): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((asked, answer) => {
    const { 'if-none-match': _, ...headers } = asked.headers;
    const forwarded = request(new URL(asked.url ?? '', endpoint), { method: asked.method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 500, answered.headers);
      answered.pipe(answer);
    });
    asked.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}
