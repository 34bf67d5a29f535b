import { formatMetadata } from '@totesys/iceberg';
import { ErrorCode } from '@totesys/runtime';
import type { PublishDeps } from '../src/publish.ts';
import { rebuild } from '../src/publish.ts';
import { createPublishedLake, type PublishedLake } from './published-lake.ts';

const sales = (id: number, units = 1) => ({ sales_order_id: id, units_sold: units });
const day = { date_id: 100, year: 1970, month: 4, day: 11, day_of_week: 6, quarter: 2 };

async function batchesOf(lake: PublishedLake, table: string): Promise<number[]> {
  return (await lake.rowsOf(table)).map(({ batch }) => Number(batch)).sort((a, b) => a - b);
}

test('of two runs at the same time the loser appends what is missing, and nothing twice', async () => {
  const lake = await createPublishedLake();
  await lake.write(1, { rows: { fact_sales_order: [sales(1)] } });
  await Promise.all([lake.run(), lake.run(), lake.run()]);
  expect(await batchesOf(lake, 'fact_sales_order')).toEqual([1]);
  await lake.write(2, { rows: { fact_sales_order: [sales(2)], dim_date: [day] } });
  await Promise.all([lake.run(), lake.run()]);
  expect(await batchesOf(lake, 'fact_sales_order')).toEqual([1, 2]);
  expect(await batchesOf(lake, 'dim_date')).toEqual([2]);
  expect(await batchesOf(lake, 'published_batches')).toEqual([1, 2]);
});

test('a run that dies before any commit is completed by the next one', async () => {
  const lake = await createPublishedLake();
  await lake.write(1, { rows: { dim_currency: [{ currency_id: 1 }], fact_sales_order: [sales(1)] } });
  const expected = 15;
  for (let dies = 1; dies <= expected; dies++) {
    let commits = 0;
    const catalogue: PublishDeps['catalogue'] = {
      ...lake.catalogue,
      commit: async (table, base, metadata) => {
        if (++commits === 2) throw new Error('killed');
        return await lake.catalogue.commit(table, base, metadata);
      },
    };
    const run = lake.run({ catalogue });
    if (dies < expected) await expect(run).rejects.toThrow('killed');
    else await run;
  }
  expect(await batchesOf(lake, 'fact_sales_order')).toEqual([1]);
  expect(await batchesOf(lake, 'published_batches')).toEqual([1]);
});

test('a content of the calendar is published once', async () => {
  const lake = await createPublishedLake();
  for (const batch of [1, 2, 3]) {
    await lake.write(batch, { rows: { dim_date: [batch === 3 ? { ...day, date_id: 200 } : day] } });
    await lake.run();
  }
  expect(await batchesOf(lake, 'dim_date')).toEqual([1, 3]);
});

test('a batch beyond the quarantine threshold waits, and is published with the batch that corrects it', async () => {
  const lake = await createPublishedLake();
  await lake.write(1, { rows: { fact_sales_order: [sales(1)] } });
  const counts = { sales_order: { rows: 200, quarantined: 150 } };
  await lake.write(2, { rows: { fact_sales_order: [sales(2)] }, counts, leftOut: { sales_order: [[100, 249]] } });
  expect(await lake.run()).toMatchObject({ watermark: 1, blocked: expect.stringContaining('Batch 2') });
  expect(await lake.run()).toMatchObject({ outcome: 'unchanged', watermark: 1 });
  await lake.write(3, { rows: { fact_sales_order: Array.from({ length: 150 }, (_, i) => sales(100 + i)) } });
  expect(await lake.run()).toMatchObject({ batches: { first: 2, last: 3 }, watermark: 3 });
  expect(await lake.rowsOf('fact_sales_order')).toHaveLength(152);
});

describe('a table that another writer has changed', () => {
  async function changedLake(change: (metadata: Awaited<ReturnType<PublishedLake['metadataOf']>>) => object) {
    const lake = await createPublishedLake();
    for (const batch of [1, 2]) {
      await lake.write(batch, { rows: { fact_sales_order: [sales(batch)] } });
      await lake.run();
    }
    const base = await lake.catalogue.find('fact_sales_order');
    const metadata = await lake.metadataOf('fact_sales_order');
    await lake.catalogue.commit('fact_sales_order', base, { ...metadata, ...change(metadata) } as never);
    await lake.write(3, { rows: { fact_sales_order: [sales(3)] } });
    return lake;
  }

  test.each<[string, ErrorCode, (metadata: Awaited<ReturnType<PublishedLake['metadataOf']>>) => object]>([
    ['lost its watermark', ErrorCode.ICEBERG_CHANGED, () => ({ properties: {} })],
    [
      'was set back to an earlier snapshot',
      ErrorCode.ICEBERG_CHANGED,
      ({ snapshots }) => ({ 'current-snapshot-id': snapshots[0]!['snapshot-id'] }),
    ],
    [
      'has another column',
      ErrorCode.ICEBERG_CHANGED,
      ({ schemas: [schema] }) => ({
        schemas: [{ ...schema, fields: [...schema!.fields, { id: 99, name: 'x', required: false, type: 'int' }] }],
      }),
    ],
    ['lies elsewhere', ErrorCode.ICEBERG_CHANGED, () => ({ location: 's3://other/fact_sales_order' })],
    ['has a newer format', ErrorCode.ICEBERG_FORMAT_NEWER, () => ({ 'format-version': 3 })],
    [
      'has rows of another writer',
      ErrorCode.ICEBERG_CHANGED,
      ({ snapshots }) => ({
        'current-snapshot-id': 5n,
        snapshots: [
          ...snapshots,
          {
            ...snapshots.at(-1)!,
            'snapshot-id': 5n,
            'parent-snapshot-id': snapshots.at(-1)!['snapshot-id'],
            'sequence-number': 9n,
            summary: { operation: 'overwrite' },
          },
        ],
      }),
    ],
  ])('%s: an error, and a rebuild is the way back', async (_what, code, change) => {
    const lake = await changedLake(change);
    await expect(lake.run()).rejects.toMatchObject({ code, message: expect.stringContaining('publish --rebuild') });
    expect(await rebuild(lake.deps)).toMatchObject({ outcome: 'published', watermark: 3 });
    expect(await batchesOf(lake, 'fact_sales_order')).toEqual([1, 2, 3]);
    await lake.write(4, { rows: { fact_sales_order: [sales(4)] } });
    await lake.run();
    expect(await batchesOf(lake, 'fact_sales_order')).toEqual([1, 2, 3, 4]);
  });

  test('was compacted: publish goes on, with the 63-bit ids of the other writer', async () => {
    const id = 2n ** 63n - 1n;
    const lake = await changedLake(({ snapshots }) => ({
      'current-snapshot-id': id,
      'last-sequence-number': 3n,
      snapshots: [
        ...snapshots,
        {
          ...snapshots.at(-1)!,
          'snapshot-id': id,
          'parent-snapshot-id': snapshots.at(-1)!['snapshot-id'],
          'sequence-number': 3n,
          summary: { ...snapshots.at(-1)!.summary, operation: 'replace' },
        },
      ],
    }));
    await lake.run();
    const metadata = await lake.metadataOf('fact_sales_order');
    expect(metadata.snapshots.map((each) => each['snapshot-id'])).toContain(id);
    expect(Buffer.from(formatMetadata(metadata)).toString()).toContain(`"parent-snapshot-id":${id}`);
    expect(await batchesOf(lake, 'fact_sales_order')).toEqual([1, 2, 3]);
  });
});

test('another lake than the one that the tables come from is refused', async () => {
  const [lake, other] = [await createPublishedLake(), await createPublishedLake()];
  await lake.write(1, { rows: {} });
  await lake.run();
  await expect(lake.run({ processed: other.processed })).rejects.toMatchObject({ code: ErrorCode.CHAIN_BROKEN });
});
