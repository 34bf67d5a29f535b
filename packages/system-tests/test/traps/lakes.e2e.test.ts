import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findNewestBatch, manifestKey } from '@totesys/lake';
import { populate } from '@totesys/sandbox';
import { totesys } from '../built-command.ts';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

let pipeline: Pipeline;
let environment: Record<string, string>;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  environment = pipeline.places;
  await pipeline.run();
  await change(1);
  await pipeline.run();
});

afterEach(() => pipeline.close());

const change = (payment: number) =>
  pipeline.source.sql`update payment set payment_amount = payment_amount + 1 where payment_id = ${payment}`;
const call = (command: string, more: Record<string, string> = {}) =>
  totesys([command, '--json'], { ...environment, ...more });
const ingestion = () => join(pipeline.lake, 'ingestion');
const manifestFile = (batch: number) => join(ingestion(), manifestKey(batch));
const objectsIn = async (folder: string) =>
  existsSync(folder)
    ? (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
    : [];

// Refused, without an object more in either lake.
async function expectRefused(command: string, batch: number, more: Record<string, string> = {}): Promise<void> {
  const lakes = [pipeline.lake, ...(more.LAKE ? [more.LAKE] : [])];
  const before = await Promise.all(lakes.map(objectsIn));
  expect(await call(command, more)).toMatchObject({
    code: 1,
    json: { error: { code: 'CHAIN_BROKEN', message: expect.stringMatching(`^Batch ${batch} `) } },
  });
  expect(await Promise.all(lakes.map(objectsIn))).toEqual(before);
}

async function expectHealed(): Promise<void> {
  expect(await call('run')).toMatchObject({ code: 0, json: { ok: true } });
  await expectEqual(pipeline);
}

describe.each([
  ['that was restored from an older copy', true],
  ['that has lost its newest manifest', false],
])('an ingestion lake %s', (_, isOlderCopy) => {
  const whole = () => join(pipeline.lake, 'whole');

  beforeEach(async () => {
    const older = join(pipeline.lake, 'older');
    await cp(ingestion(), older, { recursive: true });
    await change(2);
    await pipeline.run();
    await cp(ingestion(), whole(), { recursive: true });
    if (isOlderCopy) {
      await rm(ingestion(), { recursive: true });
      await cp(older, ingestion(), { recursive: true });
    } else await rm(manifestFile(3));
    await change(3);
  });

  test('gets no batch, reports the missing one, and continues once it is restored', async () => {
    for (const command of ['run', 'ingest', 'transform']) await expectRefused(command, 3);
    await cp(whole(), ingestion(), { recursive: true });
    await expectHealed();
  });

  test('whose lost batch number was used again counts as not derived, and loses nothing once the first batch is back', async () => {
    for (const payment of [3, 4]) {
      await change(payment);
      await pipeline.ingest();
      await expect(pipeline.transformAndLoad()).rejects.toMatchObject({
        code: 'CHAIN_BROKEN',
        message: expect.stringMatching(/^Batch 3 .*older copy or another one/),
      });
    }
    await expectRefused('run', 3);
    for (const batch of [3, 4]) await rm(manifestFile(batch));
    await cp(whole(), ingestion(), { recursive: true });
    await expectHealed();
  });
});

test('a newest manifest with another predecessor gets no successor, and continues once it is restored byte for byte', async () => {
  const original = await readFile(manifestFile(2), 'utf8');
  await writeFile(manifestFile(2), original.replace(/"previous": "\w+"/, `"previous": "${'0'.repeat(64)}"`));
  await change(3);
  await expect(pipeline.ingest()).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
  await expectRefused('run', 2);
  await writeFile(manifestFile(2), original);
  await expectHealed();
});

test('a manifest that is altered after its successor was written is not derived, and is derived once restored byte for byte', async () => {
  await change(2);
  await pipeline.ingest();
  await change(3);
  await pipeline.ingest();
  const original = await readFile(manifestFile(3), 'utf8');
  await writeFile(manifestFile(3), `${original}\n`);
  for (const command of ['ingest', 'run']) await expectRefused(command, 4);
  await expectRefused('transform', 3);
  expect(await findNewestBatch(pipeline.processed)).toBe(2);
  await writeFile(manifestFile(3), original);
  await expectHealed();
});

test('a run with another’s lake or warehouse, or an empty lake, writes no object', async () => {
  const other = await createPipeline();
  try {
    await populate(other.source.sql, { seed: 8, salesOrders: 40, purchaseOrders: 20 });
    await other.run();
    await change(3);
    await expectRefused('run', 2, { LAKE: other.lake });
    await expectRefused('run', 1, { WAREHOUSE_URL: other.warehouse.url });
    await expectRefused('run', 2, { LAKE: join(pipeline.lake, 'empty') });
    await expectRefused('run', 1, {
      LAKE: '',
      INGESTION_URI: ingestion(),
      PROCESSED_URI: join(other.lake, 'processed'),
    });
  } finally {
    await other.close();
  }
  await expectHealed();
});

test('a deleted processed lake is derived again by the next run', async () => {
  await rm(join(pipeline.lake, 'processed'), { recursive: true });
  await change(3);
  await expectHealed();
});
