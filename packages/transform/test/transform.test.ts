import { memoryStore } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { storeWith } from '../../lake/test/store-with.ts';
import { makeHandler } from '../src/handler.ts';
import { writeBatch } from './ingestion-batch.ts';
import { createTransformedLakes, salesOrder, type TransformedLakes } from './transformed-lakes.ts';

let lakes: TransformedLakes;

beforeEach(() => {
  lakes = createTransformedLakes();
});

test('is a pure function of the batch, to the byte', async () => {
  await writeBatch(lakes.ingestion, 1, null, [
    { table: 'sales_order', rows: [salesOrder, { ...salesOrder, agreed_delivery_date: 'x' }] },
  ]);
  await lakes.run();
  const again = createTransformedLakes({ ingestion: lakes.ingestion, processed: memoryStore('memory://elsewhere') });
  await again.run();
  expect(await again.contents()).toEqual(await lakes.contents());
});

test('leaves one copy of each part when it is killed before the manifest and runs again', async () => {
  await writeBatch(lakes.ingestion, 1, null, [
    { table: 'sales_order', rows: [salesOrder] },
    { table: 'design', rows: [{}] },
  ]);
  await lakes.run();
  const again = createTransformedLakes({ ingestion: lakes.ingestion });
  const dying = storeWith(again.processed, {
    putIfAbsent: async (key, body) => {
      if (key.startsWith('_manifests/')) throw new Error('killed');
      return again.processed.putIfAbsent(key, body);
    },
  });
  await expect(again.run('newest', { processed: dying })).rejects.toThrow('killed');
  await again.run();
  expect(Object.keys(await again.contents())).toEqual(Object.keys(await lakes.contents()));
});

test('transforms the missing batches before the one that it is invoked for, in order, each once', async () => {
  let previous: string | null = null;
  for (let batch = 1; batch <= 5; batch++) {
    previous = await writeBatch(lakes.ingestion, batch, previous, [{ table: 'design', rows: [{ design_id: batch }] }]);
  }
  expect(await lakes.run(3)).toMatchObject({ batches: [1, 2, 3] });
  const before = await lakes.contents();
  expect(await lakes.run(2)).toMatchObject({ outcome: 'unchanged' });
  expect(await lakes.contents()).toEqual(before);
  expect(await lakes.run()).toMatchObject({ batches: [4, 5] });
});

test('begins no further batch after its time is up; the next run continues', async () => {
  const first = await writeBatch(lakes.ingestion, 1, null, [{ table: 'design', rows: [{}] }]);
  await writeBatch(lakes.ingestion, 2, first, [{ table: 'design', rows: [{ design_id: 2 }] }]);
  const handle = makeHandler({
    model: totesysModel,
    ingestion: lakes.ingestion,
    processed: lakes.processed,
    telemetry: { ...silentTelemetry, begin: () => {}, flush: () => {} },
  });
  const late = { getRemainingTimeInMillis: () => 0 };
  expect(await handle({}, late)).toMatchObject({ outcome: 'committed', batches: [1] });
  expect(await handle({}, late)).toMatchObject({ outcome: 'committed', batches: [2] });
  expect(await handle({}, late)).toMatchObject({ outcome: 'unchanged' });
});

test('refuses a batch that does not follow the one before it', async () => {
  const first = await writeBatch(lakes.ingestion, 1, null, []);
  await lakes.run();
  await writeBatch(lakes.ingestion, 2, 'f'.repeat(64), []);
  await expect(lakes.run()).rejects.toMatchObject({
    code: 'CHAIN_BROKEN',
    message: expect.stringMatching(`Batch 2 in .* does not follow the batch before it: expected ${first}`),
  });
});

test.each([1, 'newest'] as const)(
  'refuses a batch that is not the one that the next batch follows, invoked for %s',
  async (batch) => {
    await writeBatch(lakes.ingestion, 1, null, []);
    await writeBatch(lakes.ingestion, 2, 'f'.repeat(64), []);
    await expect(lakes.run(batch)).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringContaining('Batch 1 in memory://ingestion is not the one that batch 2 follows'),
    });
    expect(await lakes.contents()).toEqual({});
  },
);

test.each([2, 3, 'newest'] as const)(
  'refuses an ingestion lake without its newest batch, or with another one under its number, invoked for %s',
  async (batch) => {
    const first = await writeBatch(lakes.ingestion, 1, null, [{ table: 'design', rows: [{}] }]);
    await writeBatch(lakes.ingestion, 2, first, [{ table: 'design', rows: [{ design_id: 2 }] }]);
    await lakes.run();
    const before = await lakes.contents();
    const other = createTransformedLakes({ processed: lakes.processed });
    await writeBatch(other.ingestion, 1, null, [{ table: 'design', rows: [{}] }]);
    const refused = { code: 'CHAIN_BROKEN', message: expect.stringMatching(/^Batch 2 .* older copy or another one/) };
    await expect(other.run(batch)).rejects.toMatchObject(refused);
    const second = await writeBatch(other.ingestion, 2, first, [{ table: 'design', rows: [{ design_id: 3 }] }]);
    await expect(other.run(batch)).rejects.toMatchObject(refused);
    await writeBatch(other.ingestion, 3, second, []);
    await expect(other.run(batch)).rejects.toMatchObject(refused);
    expect(await lakes.contents()).toEqual(before);
  },
);

test('reports which batch is missing', async () => {
  await writeBatch(lakes.ingestion, 1, null, []);
  await expect(lakes.run(2)).rejects.toMatchObject({
    code: 'OBJECT_MISSING',
    message: expect.stringContaining('Batch 2'),
  });
  await expect(lakes.run(3)).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
});

test('derives every batch before one whose manifest cannot be read, and its failure names that batch', async () => {
  const first = await writeBatch(lakes.ingestion, 1, null, []);
  await writeBatch(lakes.ingestion, 2, first, []);
  await lakes.ingestion.putIfAbsent('_manifests/0000000003.json', Buffer.from('no manifest'));
  const about: unknown[] = [];
  const telemetry = { ...silentTelemetry, about: (subject: unknown) => void about.push(subject) };
  await expect(lakes.run(3, { telemetry })).rejects.toMatchObject({ code: 'MANIFEST_UNREADABLE' });
  expect(about).toEqual([{ batch: 1 }, { batch: 2 }, { batch: 3 }]);
  await expect(lakes.manifestOf(2)).resolves.toMatchObject({ batch: 2 });
});

// The processed lake, with another run that commits each batch first, with a changed manifest.
function raced(change: (manifest: string) => string) {
  const { processed } = lakes;
  return storeWith(processed, {
    putIfAbsent: async (key, body) => {
      if (key.startsWith('_manifests/'))
        await processed.putIfAbsent(key, Buffer.from(change(Buffer.from(body).toString())));
      return processed.putIfAbsent(key, body);
    },
  });
}

test('discards its batch when a run of another version commits it first', async () => {
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'sales_order', rows: [{ agreed_delivery_date: 'x' }] }]);
  const reported: string[] = [];
  const report = (event: string) => void reported.push(event);
  const telemetry = { ...silentTelemetry, info: report, metric: report };
  const result = await lakes.run(1, { processed: raced((manifest) => `${manifest} `), telemetry });
  expect(result).toMatchObject({ outcome: 'unchanged', batches: [], quarantined: 0 });
  expect(reported).toEqual(['batch:discarded']);
});

test('refuses a processed lake into which another run derives another ingestion lake', async () => {
  await writeBatch(lakes.ingestion, 1, null, []);
  const other = (manifest: string) => manifest.replace(/"\w{64}"/, `"${'f'.repeat(64)}"`);
  await expect(lakes.run(1, { processed: raced(other) })).rejects.toMatchObject({
    code: 'CHAIN_BROKEN',
    message: expect.stringMatching(/^Batch 1 of the processed lake .* was not derived from/),
  });
});

test('progress counts the rows of all parts of a table', async () => {
  await writeBatch(lakes.ingestion, 1, null, [
    { table: 'design', rows: [{ design_id: 1 }, { design_id: 2 }] },
    { table: 'design', rows: [{ design_id: 3 }] },
  ]);
  const shown: unknown[] = [];
  const telemetry = { ...silentTelemetry, progress: (table: string, rows: number) => void shown.push([table, rows]) };
  await lakes.run('newest', { telemetry });
  expect(shown).toEqual([
    ['dim_design', 2],
    ['dim_design', 3],
  ]);
});
