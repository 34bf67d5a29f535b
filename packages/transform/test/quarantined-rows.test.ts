import { memoryStore, partFolder, readIngestionManifest, writePart } from '@totesys/lake';
import { bigint, totesysModel } from '@totesys/schema';
import { recordBatchOf } from '../../columns/test/record-batch-of.ts';
import { QuarantinedRows } from '../src/quarantined-rows.ts';
import { writeBatch } from './ingestion-batch.ts';

const store = memoryStore();

// Writes a quarantine part as ingest does, reduced to a key for each wrong value.
async function quarantine(table: string, ...keys: number[]) {
  const columns = [{ name: 'key', type: bigint() }];
  const rows = keys.map((key) => ({ key }));
  const folder = partFolder(`_quarantine/${table}`, '2026-11-22T10:00:00', 1);
  return { table, ...(await writePart(store, folder, [recordBatchOf(columns, rows)])) };
}

test('a row of a fact’s source counts once, whatever values are wrong and whichever stage found them', async () => {
  await writeBatch(store, 1, null, [
    { table: 'sales_order', rows: [{}, {}, {}] },
    { table: 'sales_order', role: 'context', rows: [{}] },
    { table: 'department', rows: [{}] },
  ]);
  const { manifest } = await readIngestionManifest(store, 1);
  const quarantined = [
    await quarantine('sales_order', 11, 11, 12),
    await quarantine('sales_order', 12, 14),
    await quarantine('department', 1),
  ];
  const rows = await QuarantinedRows.read(totesysModel, store, { ...manifest, quarantined });
  expect(rows.counts()).toEqual({ sales_order: { rows: 6, quarantined: 3 } });
  for (const key of [2, 2, 13]) rows.add('sales_order', key);
  rows.add('department', 2);
  expect(rows.counts()).toEqual({ sales_order: { rows: 6, quarantined: 5 } });
  const tables = [...rows.tables()].map(([table, ranges]) => [
    table,
    ranges.toArray().map((row) => [Number(row.first), Number(row.last)]),
  ]);
  expect(tables).toEqual([
    [
      'sales_order',
      [
        [2, 2],
        [11, 14],
      ],
    ],
  ]);
});
