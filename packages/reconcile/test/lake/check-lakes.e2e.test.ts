import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestKey, readIngestionManifest, readProcessedManifest } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { populate } from '@totesys/sandbox';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { readLedgerEntries } from '../../../warehouse/src/read-ledger-entries.ts';
import { checkLakes } from '../../src/lake/check-lakes.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 4, salesOrders: 200, purchaseOrders: 50 });
  await pipeline.run();
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 5`;
  await pipeline.run();
  await pipeline.source.sql`delete from payment where payment_id = 5`;
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
});

async function check({ since = 1, without }: { since?: number; without?: 'ingestion' | 'processed' | 'ledger' } = {}) {
  const [head] = await pipeline.warehouse.sql`select max(batch) as batch from etl.ledger`;
  const through = head!.batch;
  const result = await checkLakes({
    ingestion: without === 'ingestion' ? undefined : pipeline.ingestion,
    processed: without === 'processed' ? undefined : pipeline.processed,
    ledger: without === 'ledger' ? undefined : readLedgerEntries(pipeline.warehouse.sql as never, through),
    since,
    telemetry: silentTelemetry,
    interrupted: new AbortController().signal,
  });
  return {
    ...result,
    faults: result.faults.named.map(({ place, batch, fault }) => `${place} ${batch}: ${fault}`).sort(),
  };
}

const path = (lake: 'ingestion' | 'processed', key: string) => join(pipeline.lake, lake, key);

async function rewriteManifest<M>(lake: 'ingestion' | 'processed', batch: number, change: (manifest: M) => void) {
  const file = path(lake, manifestKey(batch));
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  change(manifest);
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

test('finds no fault in whole lakes, and checks every object that a manifest names', async () => {
  const { faults, batches, parts } = await check();
  const objects = (await pipeline.objects()).filter((object) => object.endsWith('.parquet'));
  expect({ faults, batches, parts }).toEqual({ faults: [], batches: 3, parts: objects.length });
  for (const without of ['ingestion', 'processed', 'ledger'] as const) {
    expect({ without, faults: (await check({ without })).faults }).toEqual({ without, faults: [] });
  }
});

test('names a changed, a truncated and a missing part', async () => {
  const [changed, cut] = (await readIngestionManifest(pipeline.ingestion, 1)).manifest.parts;
  const [missing] = (await readProcessedManifest(pipeline.processed, 2)).manifest.parts;
  const bytes = await readFile(path('ingestion', changed!.key));
  bytes[40]! ^= 1;
  await writeFile(path('ingestion', changed!.key), bytes);
  await writeFile(path('ingestion', cut!.key), (await readFile(path('ingestion', cut!.key))).subarray(0, 100));
  await rm(path('processed', missing!.key));
  const { faults } = await check();
  expect(faults).toHaveLength(3);
  expect(faults).toContainEqual(
    expect.stringMatching(`^ingestion 1: .*${changed!.key}.*expected SHA-256 ${changed!.sha256}`),
  );
  expect(faults).toContainEqual(
    expect.stringMatching(`^ingestion 1: .*${cut!.key}.*100 bytes long, expected ${cut!.bytes}`),
  );
  expect(faults).toContainEqual(expect.stringMatching(`^processed 2: .*${missing!.key}`));
  expect((await check({ since: 2 })).faults).toHaveLength(1);
});

test('checks the objects that list the quarantined rows of a batch', async () => {
  await pipeline.source.sql`update sales_order set agreed_payment_date = 'later' where sales_order_id = 6`;
  await pipeline.run();
  const objects = (await pipeline.objects()).filter((object) => object.endsWith('.parquet'));
  expect(await check()).toMatchObject({ faults: [], batches: 4, parts: objects.length });
  const [leftOut] = (await readProcessedManifest(pipeline.processed, 4)).manifest.leftOut;
  await rm(path('processed', leftOut!.key));
  expect((await check()).faults).toEqual([expect.stringMatching(`^processed 4: .*${leftOut!.key}`)]);
});

test('names a part whose row count differs from its manifest', async () => {
  await rewriteManifest<{ parts: { rows: number }[] }>('processed', 3, ({ parts }) => {
    parts[0]!.rows++;
  });
  expect((await check()).faults).toEqual([
    expect.stringMatching(/^ledger 3: names another processed manifest/),
    expect.stringMatching(/^processed 3: .* rows long, expected/),
  ]);
});

test('names the next batch, the processed manifest and the ledger entry of a changed manifest', async () => {
  await rewriteManifest<{ codeVersion: string }>('ingestion', 2, (manifest) => {
    manifest.codeVersion = 'another';
  });
  expect((await check()).faults).toEqual([
    expect.stringMatching(/^ingestion 3: does not follow the batch before it: expected [0-9a-f]{64}, got [0-9a-f]{64}/),
    expect.stringMatching(/^ledger 2: names another manifest/),
    expect.stringMatching(/^processed 2: comes from another manifest/),
  ]);
});

test('names a fence that does not start where the batch before ended', async () => {
  await rewriteManifest<{ fence: { from: { xmin: string } } }>('ingestion', 3, ({ fence }) => {
    fence.from.xmin = '3';
  });
  expect((await check()).faults).toContainEqual(expect.stringMatching(/^ingestion 3: does not start at the fence/));
});

test('names a missing and a truncated manifest', async () => {
  await rm(path('processed', manifestKey(2)));
  await writeFile(path('ingestion', manifestKey(1)), '{');
  expect((await check()).faults).toEqual([
    expect.stringMatching(/^ingestion 1: .*is not JSON/),
    expect.stringMatching(/^ledger 1: was loaded, and the ingestion lake has no such manifest/),
    expect.stringMatching(/^ledger 2: was loaded, and the processed lake has no such manifest/),
    expect.stringMatching(/^processed 2: has no manifest/),
  ]);
});

test('names an ingestion lake that lost its newest manifest', async () => {
  await rm(path('ingestion', manifestKey(3)));
  expect((await check()).faults).toEqual([
    expect.stringMatching(/^ingestion 3: has no manifest of batch 3, which the processed lake has/),
    expect.stringMatching(/^ledger 3: was loaded, and the ingestion lake has no such manifest/),
  ]);
});

test('names a ledger entry whose clock differs from the manifest', async () => {
  await pipeline.warehouse.sql`update etl.ledger set source_clock = '2031-01-01T00:00:00.000000' where batch = 2`;
  expect((await check()).faults).toEqual([
    expect.stringMatching(/^ledger 2: shows another clock: expected 20.*, got 2031-01-01T00:00:00.000000$/),
  ]);
});

test('names a gap in the ledger, an entry of another lake, and an entry beyond the lake', async () => {
  const { sql } = pipeline.warehouse;
  await sql`update etl.ledger set manifest_sha256 = repeat('0', 64) where batch = 3`;
  await sql`delete from etl.ledger where batch = 2`;
  await sql`
    insert into etl.ledger (batch, manifest_sha256, processed_sha256, source_clock, rows) values (4, '', '', '', 0)`;
  expect((await check()).faults).toEqual([
    expect.stringMatching(/^ledger 2: is not in the ledger/),
    expect.stringMatching(/^ledger 3: names another manifest of the ingestion lake: expected [0-9a-f]{64}, got 0{64}/),
    expect.stringMatching(/^ledger 4: was loaded, and the ingestion lake has no such manifest/),
    expect.stringMatching(/^ledger 4: was loaded, and the processed lake has no such manifest/),
  ]);
});
