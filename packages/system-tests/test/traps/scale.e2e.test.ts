import {
  findNewestBatch,
  formatBatch,
  type IngestionManifest,
  manifestKey,
  memoryStore,
  partFolder,
  readIngestionManifest,
  readPart,
  type SourcePart,
  type Store,
  writeManifest,
  writePart,
} from '@totesys/lake';
import { load } from '@totesys/load';
import { connect, silentTelemetry } from '@totesys/runtime';
import { populate } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { transform } from '@totesys/transform';
import type * as arrow from 'apache-arrow';
import { recordingStore } from '../../../lake/test/recording-store.ts';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
});

afterEach(() => pipeline.close());

const shared = { model: totesysModel, telemetry: silentTelemetry };

test('a batch of a thousand parts goes through transform and load as the same rows in one would', async () => {
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 1_000, purchaseOrders: 10 });
  await pipeline.ingest();
  const { manifest } = await readIngestionManifest(pipeline.ingestion, 1);
  const ingestion = memoryStore();
  const processed = memoryStore();
  const parts = await splitParts(manifest, ingestion);
  expect(parts.filter(({ table }) => table === 'sales_order')).toHaveLength(1_000);
  await writeManifest(ingestion, { ...manifest, parts });
  await transform({ ...shared, ingestion, processed }, 'newest');
  const warehouse = await connect(pipeline.warehouse.url, {
    subject: 'warehouse',
    connections: 2,
    applicationName: 'test',
  });
  try {
    const result = await load({ ...shared, warehouse, processed });
    expect(result).toMatchObject({ outcome: 'loaded', batches: [1], held: 0 });
  } finally {
    await warehouse.end({ timeout: 5 });
  }
  await expectEqual(pipeline);
});

test('the batch after ten thousand starts from the last one, at the cost of a few listings', async () => {
  // Open from before the rows were written, so that each run sees them again; what else is at work in the cluster adds
  // nothing to that.
  const writer = await pipeline.source.sql.reserve();
  await writer`begin`;
  await writer`select pg_current_xact_id()`;
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  await pipeline.ingest();
  const { manifest } = await readIngestionManifest(pipeline.ingestion, 1);
  const requests: string[] = [];
  const lake = recordingStore(memoryStore(), requests);
  const last = 10_000;
  for (let batch = 1; batch < last - 1; batch++)
    await lake.putIfAbsent(manifestKey(batch), Buffer.from(formatBatch(batch)));
  for (const { key } of manifest.state) await lake.putIfAbsent(key, await pipeline.ingestion.get(key));
  const { sha256: previous } = await writeManifest(lake, { ...manifest, batch: last - 1, pairsSince: last - 1 });
  await writeManifest(lake, { ...manifest, batch: last, previous, pairsSince: last });
  try {
    const run = () => pipeline.ingest(undefined, lake);
    requests.length = 0;
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
    // A request brings a thousand keys at most.
    expect(requests.filter((request) => request.startsWith('list ')).length).toBeLessThan(20);
    expect(requests.filter((request) => request.startsWith('listed ')).length).toBeLessThan(3_000);
    // The last manifest, the one that it must follow, and those that tell since when the writer is open.
    const found = requests.filter((request) => request.startsWith('find'));
    expect(found.slice(0, 2)).toEqual([last, last - 1].map((batch) => `find ${manifestKey(batch)}`));
    expect(found.length).toBeLessThan(2 + 2 * Math.log2(last));
    await pipeline.source.sql`update sales_order set units_sold = 1 where sales_order_id = 3`;
    expect(await run()).toMatchObject({ outcome: 'committed', batch: last + 1, rows: 1 });
    expect(await findNewestBatch(lake)).toBe(last + 1);
  } finally {
    await writer`rollback`;
    writer.release();
  }
});

// The same rows, one a part where they are orders.
async function splitParts(manifest: IngestionManifest, target: Store): Promise<SourcePart[]> {
  const folder = (table: string) => partFolder(table, manifest.sourceClock, manifest.batch);
  const parts: SourcePart[] = [];
  const renamed = new Map<string, string>();
  for (const part of manifest.parts) {
    const rows: arrow.RecordBatch[] = [];
    for await (const batch of readPart(pipeline.ingestion, part)) rows.push(batch);
    const pieces = part.table === 'sales_order' ? rows.flatMap(rowByRow) : rows;
    for (const piece of pieces) {
      const written = await writePart(
        target,
        folder(part.role === 'changed' ? part.table : `_${part.role}/${part.table}`),
        [piece],
      );
      renamed.set(part.key, written.key);
      parts.push({ ...part, ...written });
    }
  }
  return parts.map((part) => ({
    ...part,
    ...(part.lookupFor && { lookupFor: part.lookupFor.map(({ part: key, by }) => ({ part: renamed.get(key)!, by })) }),
  }));
}

function rowByRow(batch: arrow.RecordBatch): arrow.RecordBatch[] {
  return Array.from({ length: batch.numRows }, (_, row) => batch.slice(row, row + 1));
}
