import { join } from 'node:path';
import { silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, populate } from '@totesys/sandbox';
import { createPipeline, type Pipeline } from '../../system-tests/test/pipeline.ts';
import { readConfig } from '../src/config.ts';
import { makeDeps } from '../src/deps.ts';
import { makeHandler } from '../src/handler.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 5, salesOrders: 50, purchaseOrders: 20 });
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
});

/** Makes the handler for the pipeline; `lines` gets its log events. */
function handlerOf(places: { SOURCE_URL?: string; WAREHOUSE_URL?: string } = {}) {
  const lines: unknown[] = [];
  const deps = makeDeps(
    readConfig({
      SOURCE_URL: pipeline.source.url,
      WAREHOUSE_URL: pipeline.warehouse.url,
      INGESTION_URI: join(pipeline.lake, 'ingestion'),
      PROCESSED_URI: join(pipeline.lake, 'processed'),
      ...places,
    }),
  );
  const telemetry = {
    ...silentTelemetry,
    begin: () => {},
    flush: () => {},
    info: (event: string, fields?: object) => void lines.push({ event, ...fields }),
    error: (event: string) => void lines.push({ event }),
  };
  return { lines, handle: makeHandler({ ...deps, telemetry }) };
}

test('runs all checks for an empty event, returns the result and logs its numbers', async () => {
  const { lines, handle } = handlerOf();
  const result = await handle({});
  expect(result).toMatchObject({
    ok: true,
    command: 'reconcile',
    equal: true,
    batch: 1,
    differing: 0,
    unread: 0,
    unsettled: 0,
    differences: [],
    unreadRows: [],
    excused: [],
    history: { faults: 0, named: [] },
    lake: { faults: 0, named: [], batches: 1 },
  });
  expect(result.tables).toHaveLength(11);
  const numbers = { ok: true, batch: 1, differing: 0, unread: 0, unsettled: 0, historyFaults: 0, lakeFaults: 0 };
  expect(lines).toEqual([{ event: 'stage:done', result: numbers }]);
});

test('returns differences, and files no repair', async () => {
  await pipeline.warehouse.sql`update fact_payment set paid = not paid where payment_id = 9`;
  const before = await pipeline.objects();
  const result = await handlerOf().handle({});
  expect(result).toMatchObject({ ok: false, equal: false, differing: 1 });
  expect(result.differences).toMatchObject([{ table: 'fact_payment', id: 9, kind: 'differs', columns: ['paid'] }]);
  expect(await pipeline.objects()).toEqual(before);
});

test('throws where it cannot run, so that Lambda counts the failure', async () => {
  const empty = await createTestDatabase();
  try {
    const { lines, handle } = handlerOf({ WAREHOUSE_URL: empty.url });
    await expect(handle({})).rejects.toMatchObject({ code: 'WAREHOUSE_UNFIT' });
    expect(lines).toEqual([{ event: 'stage:failed' }]);
  } finally {
    await empty.drop();
  }
});

test('throws where its time is over before the checks end', async () => {
  const context = { getRemainingTimeInMillis: () => 5_200 };
  await pipeline.source.sql.begin(async (sql) => {
    // The comparison waits for this lock longer than its time.
    await sql`lock table payment in access exclusive mode`;
    await expect(handlerOf().handle({}, context)).rejects.toThrow();
  });
});
