import { type IngestionManifest, MANIFEST_FORMAT, memoryStore, writeManifest } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { load } from '../src/load.ts';
import { hashOf, writeBatch } from './processed-batch.ts';

let database: TestDatabase;
let warehouse: Sql;
let ingestion: ReturnType<typeof memoryStore>;
let processed: ReturnType<typeof memoryStore>;

beforeEach(async () => {
  database = await createTestDatabase();
  warehouse = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
  ingestion = memoryStore('memory://ingestion');
  processed = memoryStore('memory://processed');
});

afterEach(async () => {
  await warehouse.end();
  await database.drop();
});

const rows = { dim_currency: [{ currency_id: 1 }, { currency_id: 2 }] };

/** A batch as ingest commits it, that many seconds ago; load looks at nothing but its clock. */
async function commitBatch(batch: number, secondsAgo: number): Promise<void> {
  const manifest: IngestionManifest = {
    format: MANIFEST_FORMAT,
    kind: 'ingestion',
    batch,
    previous: batch === 1 ? null : hashOf(batch - 1),
    codeVersion: 'test',
    sourceClock: new Date(Date.now() - secondsAgo * 1000).toISOString().slice(0, -1),
    source: { systemIdentifier: '7', timeline: 1, databaseOid: '5', walPosition: '9', inRecovery: false },
    fence: { from: null, to: { xmin: '700', xmax: '700' } },
    tables: {},
    pairsSince: null,
    parts: [],
    deleted: [],
    quarantined: [],
    state: [],
    requests: [],
  };
  await writeManifest(ingestion, manifest);
}

/** Runs load and gives what it emitted, whether it failed or not. */
async function metricsOf(deadlineMs = Number.MAX_SAFE_INTEGER) {
  const metrics: [string, number][] = [];
  const telemetry = { ...silentTelemetry, metric: (name: string, value: number) => void metrics.push([name, value]) };
  const failure = await load({ model: totesysModel, warehouse, ingestion, processed, telemetry, deadlineMs }).then(
    () => undefined,
    (error) => error.code,
  );
  return { failure, metrics };
}

const age = (seconds: number) => ['OldestUnloadedSeconds', expect.closeTo(seconds, -2)];

test('a batch that is loaded leaves none that waits', async () => {
  await commitBatch(1, 3_000);
  await writeBatch(processed, 1, { rows });
  expect(await metricsOf()).toEqual({
    failure: undefined,
    metrics: [
      ['RowsLoaded', 2],
      ['RowsHeld', 0],
      ['BatchesBlocked', 0],
      ['OldestUnloadedSeconds', 0],
    ],
  });
});

test('each table that a batch changed has a line with its rows, once they are committed', async () => {
  await writeBatch(processed, 1, { rows });
  const lines: unknown[] = [];
  const telemetry = {
    ...silentTelemetry,
    info: (event: string, fields?: object) => void lines.push({ event, ...fields }),
  };
  await load({ model: totesysModel, warehouse, processed, telemetry, deadlineMs: Number.MAX_SAFE_INTEGER });
  expect(lines.filter((line) => (line as { batch?: number }).batch === 1)).toEqual([
    { event: 'batch:loaded', batch: 1, rows: 2 },
    { event: 'table:loaded', batch: 1, table: 'dim_currency', rows: 2 },
  ]);
});

test('a batch that ingest committed and transform never derived grows old all the same', async () => {
  await commitBatch(1, 3_000);
  expect((await metricsOf()).metrics).toEqual([['RowsHeld', 0], ['BatchesBlocked', 0], age(3_000)]);
});

test('a batch that cannot be loaded is blocked, and as old as it is', async () => {
  await commitBatch(1, 3_000);
  await writeBatch(processed, 1, { rows, previous: hashOf(9) });
  expect(await metricsOf()).toEqual({ failure: 'CHAIN_BROKEN', metrics: [['BatchesBlocked', 1], age(3_000)] });
});

test('the batch behind the last that was loaded in time is the one that waits', async () => {
  await commitBatch(1, 6_000);
  await commitBatch(2, 3_000);
  await writeBatch(processed, 1, { rows });
  await writeBatch(processed, 2, { rows });
  expect((await metricsOf(0)).metrics).toContainEqual(age(3_000));
});

test('what was loaded stays loaded where the age cannot be told', async () => {
  await writeBatch(processed, 1, { rows });
  await ingestion.putIfAbsent('_manifests/0000000002.json', Buffer.from('no manifest'));
  expect(await metricsOf()).toEqual({
    failure: undefined,
    metrics: [
      ['RowsLoaded', 2],
      ['RowsHeld', 0],
      ['BatchesBlocked', 0],
    ],
  });
});
