import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import {
  type Cluster,
  findPgBouncer,
  type PgBouncer,
  startCluster,
  startPgBouncer,
  startTcpProxy,
} from '@totesys/sandbox';
import { eachSetUp, examine, withUrl } from '../doctor/set-up.ts';

const setUp = eachSetUp();

describe('a server that does not answer is a fault by our own clock, and hides the checks of no other place', () => {
  const expectFault = async (url: string) => {
    const { code, faults, passed } = await examine({ ...setUp.places, WAREHOUSE_URL: url });
    expect(code).toBe(1);
    expect(faults[0]).toMatch(/^warehouse: (connection|checks|connections)$/);
    expect(passed).toEqual(expect.arrayContaining(['source: table staff', 'processed: lake', 'lakes: chain']));
  };

  test('from the first byte on', async () => {
    const silent = createTcpServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as AddressInfo;
      await expectFault(withUrl(setUp.pipeline.warehouse.url, { port: String(port) }));
    } finally {
      silent.close();
    }
  });

  test('in the middle of the checks', async () => {
    const proxy = await startTcpProxy(setUp.pipeline.warehouse.url, {
      freezes: { afterBytes: 2_500, admitsNew: false },
    });
    try {
      await expectFault(proxy.url);
    } finally {
      await proxy.close();
    }
  });
});

describe('a bucket', () => {
  let server: Server;
  let answer: { readonly status: number; readonly code: string };
  let environment: Record<string, string>;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(answer.status, { 'content-type': 'application/xml' });
        response.end(`<Error><Code>${answer.code}</Code><Message>no</Message></Error>`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    environment = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'hunter2',
      INGESTION_URI: 's3://totesys-missing',
    };
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test.each([
    ['that does not exist', { status: 404, code: 'NoSuchBucket' }, /Create it, or correct the URI/],
    ['that the role may not list', { status: 403, code: 'AccessDenied' }, /s3:ListBucket/],
    ['for a key that AWS does not know', { status: 403, code: 'InvalidAccessKeyId' }, /correct AWS_ACCESS_KEY_ID/],
  ])('%s', async (_what, given, remedy) => {
    answer = given;
    const { code, faults, checks } = await examine({ SOURCE_URL: setUp.reader.url, ...environment });
    expect({ code, faults: faults.filter((name) => name.startsWith('ingestion')) }).toEqual({
      code: 1,
      faults: ['ingestion: lake'],
    });
    expect(checks.find(({ area, state }) => area === 'ingestion' && state === 'fault')?.remedy).toMatch(remedy);
  });
});

describe('a standby', () => {
  const settings = { autovacuum: 'off', shared_buffers: '32MB' };
  let primary: Cluster;
  let standby: Cluster;

  beforeAll(async () => {
    primary = await startCluster({ settings });
    standby = await startCluster({ settings, backup: await primary.backUp(), standbyOf: primary });
  });

  afterAll(async () => {
    await standby.stop();
    await primary.stop();
  });

  test('as warehouse is a fault, and as source a warning if replay does not wait for a run', async () => {
    const url = standby.url('postgres');
    const { faults, warnings } = await examine({ SOURCE_URL: url, WAREHOUSE_URL: url });
    expect(faults).toContain('warehouse: primary');
    expect(warnings).toContain('source: standby');
  });
});

const program = await findPgBouncer();

(program === undefined ? describe.skip : describe)('a pooler in transaction mode', () => {
  test.each([
    ['with enough server connections is recognised', 6, 0, []],
    ['with too few server connections is a fault', 2, 1, ['source: connections']],
  ])('%s', async (_what, poolSize, code, faults) => {
    const url = setUp.pipeline.source.url;
    const bouncer: PgBouncer = await startPgBouncer(program ?? '', url, { mode: 'transaction', poolSize });
    try {
      const found = await examine({ SOURCE_URL: bouncer.through(url) });
      expect({ code: found.code, faults: found.faults }).toEqual({ code, faults });
      expect(found.find('source: pooler')?.found).toContain('in transaction mode');
    } finally {
      await bouncer.stop();
    }
  });
});
