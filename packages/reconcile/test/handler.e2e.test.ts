import { join } from 'node:path';
import { findLastProof } from '@totesys/lake';
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

/** Makes the handler for the pipeline; `lines` gets its log events, and `metrics` what it emits. */
function handlerOf(places: { SOURCE_URL?: string; WAREHOUSE_URL?: string } = {}) {
  const lines: unknown[] = [];
  const metrics: Record<string, number> = {};
  const deps = makeDeps(
    readConfig({
      SOURCE_URL: pipeline.source.url,
      WAREHOUSE_URL: pipeline.warehouse.url,
      INGESTION_URI: join(pipeline.lake, 'ingestion'),
      PROCESSED_URI: join(pipeline.lake, 'processed'),
      CODE_VERSION: 'v1',
      PROOF_SLICES: '3',
      ...places,
    }),
  );
  const telemetry = {
    ...silentTelemetry,
    begin: () => {},
    flush: () => {},
    info: (event: string, fields?: object) => void lines.push({ event, ...fields }),
    warn: (event: string, fields?: object) => void lines.push({ event, ...fields }),
    error: (event: string) => void lines.push({ event }),
    metric: (name: string, value: number) => {
      metrics[name] = value;
    },
  };
  return { lines, metrics, handle: makeHandler({ ...deps, telemetry }) };
}

test('runs a proof for an empty event, writes its object, logs its numbers and emits its metrics', async () => {
  const before = await pipeline.objects();
  const { lines, metrics, handle } = handlerOf();
  const result = await handle({});
  expect(result).toMatchObject({
    ok: true,
    outcome: 'equal',
    batch: 1,
    codeVersion: 'v1',
    next: { slice: 1, slices: 3 },
  });
  const last = await findLastProof(pipeline.processed, 1);
  expect(last?.key).toBe(result.object);
  const written = (await pipeline.objects()).filter((object) => !before.includes(object));
  expect(written).toEqual([join(pipeline.lake, 'processed', result.object)]);
  expect(metrics).toEqual({ ProofSucceeded: 1, RowsDiffering: 0, RowsUnread: 0 });
  const numbers = { outcome: 'equal', batch: 1, through: 1, differing: 0, unread: 0, left: 0, slice: 1 };
  expect(lines).toEqual([{ event: 'stage:done', result: expect.objectContaining(numbers) }]);
});

test('a difference, a fault of the history and one of the ledger count as one metric, and no repair is filed', async () => {
  const { sql } = pipeline.warehouse;
  await sql`update fact_payment set paid = not paid where payment_id = 9`;
  await sql`insert into etl.deletion (fact, id, deleted_batch, restored_batch) values ('fact_payment', 10, 1, 1)`;
  await sql`update etl.ledger set processed_sha256 = repeat('0', 64)`;
  const { lines, metrics, handle } = handlerOf();
  const result = await handle({});
  expect(result).toMatchObject({
    ok: false,
    outcome: 'differs',
    differences: [{ table: 'fact_payment', id: 9, kind: 'differs', columns: ['paid'] }],
    history: { faults: 1 },
    lake: { faults: 1, named: [{ place: 'ledger', batch: 1 }] },
  });
  expect(metrics).toEqual({ ProofSucceeded: 1, RowsDiffering: 3, RowsUnread: 0 });
  expect(lines[0]).toEqual({
    event: 'proof:differs',
    object: result.object,
    differences: result.differences,
    history: result.history.named,
    lake: result.lake.named,
  });
  expect((await pipeline.objects()).filter((object) => object.includes('_requests'))).toEqual([]);
});

test('reads each database over one connection', async () => {
  const { handle } = handlerOf();
  const seen = new Set<unknown>();
  let isProving = true;
  const watch = (async () => {
    while (isProving) {
      const sessions = await pipeline.source.sql`
        select pid from pg_stat_activity where application_name = 'totesys-reconcile' and datname = current_database()`;
      for (const { pid } of sessions) seen.add(pid);
    }
  })();
  await handle({});
  isProving = false;
  await watch;
  expect(seen.size).toBe(1);
});

test('throws where it cannot run, so that Lambda counts the failure', async () => {
  const empty = await createTestDatabase();
  try {
    const { lines, metrics, handle } = handlerOf({ WAREHOUSE_URL: empty.url });
    await expect(handle({})).rejects.toMatchObject({ code: 'WAREHOUSE_UNFIT' });
    expect({ lines, metrics }).toEqual({ lines: [{ event: 'stage:failed' }], metrics: {} });
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
