import { writeBatch } from './ingestion-batch.ts';
import { createTransformedLakes, salesOrder } from './transformed-lakes.ts';

test('puts all rows of a part into quarantine when all break the contract', async () => {
  // More broken values than a call can have arguments, some 120,000: each row breaks the contract in 13 columns.
  const { sales_order_id: _, ...others } = salesOrder;
  const nulls = Object.fromEntries(Object.keys(others).map((column) => [column, null]));
  const rows = Array.from({ length: 10_000 }, (_, i) => ({ ...nulls, sales_order_id: i + 1 }));
  const lakes = createTransformedLakes();
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'sales_order', rows }]);
  expect(await lakes.run()).toMatchObject({ batches: [1], rows: 0, quarantined: 10_000 });
  const { counts, quarantined } = await lakes.manifestOf(1);
  expect(counts).toEqual({ sales_order: { rows: 10_000, quarantined: 10_000 } });
  expect(quarantined.map((part) => part.rows)).toEqual(new Array(13).fill(10_000));
});
