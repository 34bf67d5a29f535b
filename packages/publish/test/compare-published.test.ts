import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrorCode } from '@totesys/runtime';
import { writeBatch } from '../../load/test/processed-batch.ts';
import { comparePublished } from '../src/publish.ts';
import { createPublishedLake } from './published-lake.ts';

const sales = (id: number, units = 1) => ({ sales_order_id: id, units_sold: units });

async function createTwoBatches() {
  const lake = await createPublishedLake();
  await lake.write(1, { rows: { fact_sales_order: [sales(1), sales(2)], dim_currency: [{ currency_id: 1 }] } });
  await lake.write(2, { rows: { fact_sales_order: [sales(3)] }, deleted: { fact_sales_order: [1] } });
  await lake.run();
  return lake;
}

test('published tables equal the lake, batch by batch', async () => {
  const lake = await createTwoBatches();
  const result = await comparePublished(lake.deps);
  expect(result).toMatchObject({ ok: true, differences: [] });
  expect(result.tables).toContainEqual({ table: 'fact_sales_order', watermark: 2, rows: 3 });
});

test('a value, and a row, that differ from the lake are named by table and batch', async () => {
  const lake = await createTwoBatches();
  const other = await createPublishedLake();
  await writeBatch(other.processed, 1, { rows: { fact_sales_order: [sales(1), sales(2, 5)] } });
  await writeBatch(other.processed, 2, { rows: { fact_sales_order: [] }, deleted: { fact_sales_order: [1] } });
  const { differences } = await comparePublished({ ...lake.deps, processed: other.processed });
  expect(differences).toEqual([
    { table: 'dim_currency', batch: 1, expected: 0, got: 1 },
    { table: 'fact_sales_order', batch: 1, expected: 2, got: 2 },
    { table: 'fact_sales_order', batch: 2, expected: 0, got: 1 },
  ]);
});

test('a missing data file is an error that names the way back', async () => {
  const lake = await createTwoBatches();
  const [file] = await lake.filesOf('fact_sales_order');
  await rm(join(lake.folder, file!));
  await expect(comparePublished(lake.deps)).rejects.toMatchObject({
    code: ErrorCode.ICEBERG_FILE_MISSING,
    message: expect.stringContaining('publish --rebuild'),
  });
});
