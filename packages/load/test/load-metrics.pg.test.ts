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

/** A batch as ingest commits it, that many seconds ago; load looks at nothing but its clock. */
async function commitBatch(batch: number, secondsAgo: number): Promise<void> {
  const previous = batch === 1 ? null : hashOf(batch - 1);
  const sourceClock = new Date(Date.now() - secondsAgo * 1000).toISOString().slice(0, -1);
  await writeManifest(ingestion, ingestionManifest({ batch, previous, sourceClock }));
}

/** Runs load and gives what it emitted, whether it failed or not. */
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

test('a batch that is loaded leaves none that waits', async () => {
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

test('each table that a batch changed has a line with its rows, once they are committed', async () => {
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

test('a batch that ingest committed and transform never derived grows old all the same', async () => {
  await commitBatch(1, 3_000);
  expect((await metricsOf()).metrics).toEqual([['RowsHeld', 0], ['BatchesBlocked', 0], age(3_000)]);
});

test('a batch that cannot be loaded is blocked, and as old as it is', async () => {
  await commitBatch(1, 3_000);
  await warehouse.write({ rows, previous: hashOf(9) });
  expect(await metricsOf()).toEqual({ failure: 'CHAIN_BROKEN', metrics: [['BatchesBlocked', 1], age(3_000)] });
});

test('the batch behind the last that was loaded in time is the one that waits', async () => {
  await commitBatch(1, 6_000);
  await commitBatch(2, 3_000);
  await warehouse.write({ rows });
  await warehouse.write({ rows });
  expect((await metricsOf(0)).metrics).toContainEqual(age(3_000));
});

test('what was loaded stays loaded where the age cannot be told', async () => {
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
