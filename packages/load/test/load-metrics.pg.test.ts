import { memoryStore, type Store, writeManifest } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { ingestionManifest } from '../../lake/test/ingestion-manifest.ts';
import { createLoadedWarehouse, type LoadedWarehouse } from './loaded-warehouse.ts';
import { hashOf } from './processed-batch.ts';

let warehouse: LoadedWarehouse;
let ingestion: Store;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
  ingestion = memoryStore('memory://ingestion');
});

afterEach(() => warehouse.close());

const rows = { dim_currency: [{ currency_id: 1 }, { currency_id: 2 }] };

/** Commits an ingestion manifest with a clock of that many seconds ago; load reads nothing else of it. */
async function commitBatch(batch: number, secondsAgo: number): Promise<void> {
  const previous = batch === 1 ? null : hashOf(batch - 1);
  const sourceClock = new Date(Date.now() - secondsAgo * 1000).toISOString().slice(0, -1);
  await writeManifest(ingestion, ingestionManifest({ batch, previous, sourceClock }));
}

/** Runs load. Returns its metrics and, after a failure, the code of its error. */
async function metricsOf(deadlineMs = Number.POSITIVE_INFINITY) {
  const metrics: [string, number][] = [];
  const telemetry = { ...silentTelemetry, metric: (name: string, value: number) => void metrics.push([name, value]) };
  const failure = await warehouse.run({ ingestion, telemetry, deadlineMs }).then(
    () => undefined,
    (error) => error.code,
  );
  return { failure, metrics };
}

const age = (seconds: number) => ['OldestUnloadedSeconds', expect.closeTo(seconds, -2)];

test('after the load of the newest batch the age is 0', async () => {
  await commitBatch(1, 3_000);
  await warehouse.write({ rows });
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

test('logs one line for each table that a batch changed, after the commit', async () => {
  await warehouse.write({ rows });
  const lines: unknown[] = [];
  const telemetry = {
    ...silentTelemetry,
    info: (event: string, fields?: object) => void lines.push({ event, ...fields }),
  };
  await warehouse.run({ telemetry });
  expect(lines.filter((line) => (line as { batch?: number }).batch === 1)).toEqual([
    { event: 'batch:loaded', batch: 1, rows: 2 },
    { event: 'table:loaded', batch: 1, table: 'dim_currency', rows: 2 },
  ]);
});

test('reports the age of a batch that transform has not derived', async () => {
  await commitBatch(1, 3_000);
  expect((await metricsOf()).metrics).toEqual([['RowsHeld', 0], ['BatchesBlocked', 0], age(3_000)]);
});

test('reports a batch that cannot be loaded as blocked, with its age', async () => {
  await commitBatch(1, 3_000);
  await warehouse.write({ rows, previous: hashOf(9) });
  expect(await metricsOf()).toEqual({ failure: 'CHAIN_BROKEN', metrics: [['BatchesBlocked', 1], age(3_000)] });
});

test('reports the age of the first batch that was not loaded before the deadline', async () => {
  await commitBatch(1, 6_000);
  await commitBatch(2, 3_000);
  await warehouse.write({ rows });
  await warehouse.write({ rows });
  expect((await metricsOf(0)).metrics).toContainEqual(age(3_000));
});

test('a load succeeds even if the age cannot be computed', async () => {
  await warehouse.write({ rows });
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
