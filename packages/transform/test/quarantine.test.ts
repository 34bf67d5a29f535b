import { writeBatch } from './ingestion-batch.ts';
import { createTransformedLakes, salesOrder, type TransformedLakes } from './transformed-lakes.ts';

let lakes: TransformedLakes;

beforeEach(() => {
  lakes = createTransformedLakes();
});

test.each([
  ['next week'],
  ['2023-02-29'],
  ['2023-13-01'],
  ['0000-01-01'],
  ['2023-1-01'],
  [' 2023-01-01'],
  ['2023-01-01T00:00'],
  ['２０２３-01-01'],
  [''],
])('the text %p for a date puts the row with that text into quarantine, and the other rows arrive', async (text) => {
  const rows = [
    salesOrder,
    { ...salesOrder, sales_order_id: 8, agreed_payment_date: text },
    { ...salesOrder, sales_order_id: 9 },
  ];
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'sales_order', rows }]);
  expect(await lakes.run()).toMatchObject({ quarantined: 1 });
  expect((await lakes.rowsOf(1, 'fact_sales_order')).map(({ sales_order_id }) => sales_order_id)).toEqual(['7', '9']);
  const [broken] = await lakes.quarantineOf(1);
  expect(broken).toMatchObject({ key: 8n, warehouse_table: 'fact_sales_order', column: 'agreed_payment_date', text });
  expect(JSON.parse(broken!.row as string)).toMatchObject({
    unit_price: '1234.56',
    created_at: '2022-11-03 14:20:52.186',
  });
  expect((await lakes.manifestOf(1)).counts).toEqual({ sales_order: { rows: 3, quarantined: 1 } });
});

test('a null where the warehouse needs a value puts a fact into quarantine, but not a dimension', async () => {
  await writeBatch(lakes.ingestion, 1, null, [
    { table: 'sales_order', rows: [{ ...salesOrder, units_sold: null }] },
    { table: 'address', rows: [{ address_id: 1, city: null }] },
  ]);
  expect((await lakes.run()).warnings).toEqual([
    "column 'city' of 'dim_location' shows a placeholder in 1 row, " +
      'where the source has no value and must have one: key 1',
  ]);
  expect(await lakes.rowsOf(1, 'fact_sales_order')).toEqual([]);
  expect(await lakes.quarantineOf(1)).toMatchObject([
    { column: 'units_sold', text: null, reason: expect.stringContaining('null') },
  ]);
  expect(await lakes.rowsOf(1, 'dim_location')).toMatchObject([{ location_id: '1', city: 'Unknown' }]);
});

test('counts a row in quarantine once, however many of its values are wrong', async () => {
  const rows = [7, 8].map((sales_order_id) => ({
    ...salesOrder,
    sales_order_id,
    agreed_payment_date: 'soon',
    agreed_delivery_date: 'soon',
  }));
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'sales_order', rows }]);
  expect(await lakes.run()).toMatchObject({ quarantined: 2 });
  expect(await lakes.quarantineOf(1)).toHaveLength(4);
});

test('a warning lists the first rows that show a placeholder, and counts all of them', async () => {
  const rows = Array.from({ length: 7 }, (_, i) => ({ address_id: i + 1, city: i === 0 ? 'Leeds' : null }));
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'address', rows }]);
  const { warnings } = await lakes.run();
  expect(warnings).toEqual([expect.stringMatching(/'city' .*in 6 rows.*: keys 2, 3, 4, 5, 6, …$/)]);
});
