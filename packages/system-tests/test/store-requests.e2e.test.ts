import { ingest, type RunMemory } from '@totesys/ingest';
import { memoryStore, type Store } from '@totesys/lake';
import { load } from '@totesys/load';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { type Cluster, createTestDatabase, startCluster, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { transform } from '@totesys/transform';
import { createQuietSource, QUIET } from '../../ingest/test/idle/quiet-server.ts';
import type { IngestedSource } from '../../ingest/test/ingested-source.ts';
import { storeWith } from '../../lake/test/store-with.ts';

type Request = 'put' | 'get' | 'list';

const shared = { model: totesysModel, telemetry: silentTelemetry };
const ingestion = memoryStore();
const processed = memoryStore();
const memory: RunMemory = {};
const requests: Request[] = [];
let cluster: Cluster;
let source: IngestedSource;
let warehouse: TestDatabase;
let writer: Sql;

beforeAll(async () => {
  // An open transaction of another database of the server would add an object to each batch.
  cluster = await startCluster({ settings: QUIET });
  source = await createQuietSource(cluster);
  warehouse = await createTestDatabase();
  writer = await connect(warehouse.url, { subject: 'warehouse', connections: 2, applicationName: 'test' });
  await runAll();
});

afterAll(async () => {
  await writer?.end({ timeout: 5 });
  await warehouse?.drop();
  await source?.close();
  await cluster?.stop();
});

// docs/benchmarks.md names these numbers.
test('without changes, ingest needs three requests to its lake, transform four and load five', async () => {
  expect(await runAll()).toEqual({
    ingest: { put: 0, get: 1, list: 2 },
    transform: { put: 0, get: 2, list: 2 },
    load: { put: 0, get: 4, list: 1 },
  });
});

test('a batch with one edited order costs the objects that it has, and one read of each', async () => {
  await source.database.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 7`;
  expect(await runAll()).toEqual({
    ingest: { put: 2, get: 1, list: 2 },
    transform: { put: 3, get: 5, list: 2 },
    load: { put: 0, get: 7, list: 1 },
  });
});

// Runs each stage once, as a process would that stays; returns how often each asked its lakes for what.
async function runAll() {
  const lakes = { ingestion: counted(ingestion), processed: counted(processed) };
  const limits = { batchRows: 1_000_000, deadlineMs: Number.MAX_SAFE_INTEGER };
  return {
    ingest: await count(() =>
      ingest({ ...shared, ...lakes, source: source.reader, limits, codeVersion: 'test', memory }),
    ),
    transform: await count(() => transform({ ...shared, ...lakes }, 'newest')),
    load: await count(() => load({ ...shared, ...lakes, warehouse: writer })),
  };
}

async function count(run: () => Promise<unknown>): Promise<Record<Request, number>> {
  requests.length = 0;
  await run();
  const of = (kind: Request) => requests.filter((request) => request === kind).length;
  return { put: of('put'), get: of('get'), list: of('list') };
}

function counted(store: Store): Store {
  const note = <T>(request: Request, answer: T): T => {
    requests.push(request);
    return answer;
  };
  return storeWith(store, {
    putIfAbsent: (key, body) => note('put', store.putIfAbsent(key, body)),
    find: (key) => note('get', store.find(key)),
    get: (key) => note('get', store.get(key)),
    getRange: (key, start, end) => note('get', store.getRange(key, start, end)),
    list: (prefix, options) => note('list', store.list(prefix, options)),
  });
}
