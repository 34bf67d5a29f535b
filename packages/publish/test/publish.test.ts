import { createPublishedLake } from './published-lake.ts';

const sales = (id: number, units: number) => ({ sales_order_id: id, units_sold: units });

test('each publish appends the batches since the last one, as one file for each table', async () => {
  const lake = await createPublishedLake();
  await lake.write(1, { rows: { dim_currency: [{ currency_id: 1 }], fact_sales_order: [sales(7, 1), sales(8, 1)] } });
  await lake.write(2, { rows: { fact_sales_order: [sales(7, 2)] }, deleted: { fact_sales_order: [8] } });
  const result = await lake.run();
  expect(result).toMatchObject({ outcome: 'published', batches: { first: 1, last: 2 }, watermark: 2 });
  expect(await lake.rowsOf('fact_sales_order')).toEqual([
    expect.objectContaining({ batch: '1', sales_order_id: '7', units_sold: '1' }),
    expect.objectContaining({ batch: '1', sales_order_id: '8', units_sold: '1' }),
    expect.objectContaining({ batch: '2', sales_order_id: '7', units_sold: '2' }),
  ]);
  expect(await lake.rowsOf('deleted_fact_sales_order')).toEqual([{ batch: '2', sales_order_id: '8' }]);
  expect(await lake.rowsOf('deleted_fact_payment')).toEqual([]);
  expect(await lake.rowsOf('published_batches')).toEqual([
    { batch: '1', source_clock: '2026-11-22 10:00:00' },
    { batch: '2', source_clock: '2026-11-22 10:00:00' },
  ]);
  await lake.write(3, { rows: { fact_sales_order: [sales(9, 1)] } });
  expect((await lake.run()).tables.filter(({ rows }) => rows > 0)).toEqual([
    { table: 'fact_sales_order', rows: 1, files: 1 },
    { table: 'published_batches', rows: 1, files: 1 },
  ]);
  expect(await lake.filesOf('fact_sales_order')).toHaveLength(2);
  expect(await lake.rowsOf('fact_sales_order')).toHaveLength(4);
  expect((await lake.run()).outcome).toBe('unchanged');
});
