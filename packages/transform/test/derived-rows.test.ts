import { writeBatch } from './ingestion-batch.ts';
import { createTransformedLakes, salesOrder, type TransformedLakes } from './transformed-lakes.ts';

let lakes: TransformedLakes;

beforeEach(() => {
  lakes = createTransformedLakes();
});

test('derives a fact to the cent and the microsecond, before 1970 too', async () => {
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'sales_order', rows: [salesOrder] }]);
  expect(await lakes.run()).toMatchObject({ outcome: 'committed', batches: [1] });
  expect(await lakes.rowsOf(1, 'fact_sales_order')).toEqual([
    {
      sales_order_id: '7',
      created_date: '2022-11-03',
      created_at: '2022-11-03 14:20:52.186',
      last_updated_date: '1969-12-31',
      last_updated_at: '1969-12-31 23:59:59.999999',
      sales_staff_id: '4',
      counterparty_id: '5',
      units_sold: '42',
      unit_price: '1234.56',
      currency_id: '2',
      design_id: '3',
      agreed_payment_date: '2023-12-31',
      agreed_delivery_date: '2024-02-29',
      agreed_delivery_location_id: '9',
    },
  ]);
});

test('completes every year in which a date occurs, and no other', async () => {
  await writeBatch(lakes.ingestion, 1, null, [
    { table: 'sales_order', rows: [{ ...salesOrder, agreed_delivery_date: '2099-01-01' }] },
  ]);
  await lakes.run();
  const calendar = await lakes.rowsOf(1, 'dim_date');
  expect([...new Set(calendar.map(({ year }) => year))]).toEqual(['1969', '2022', '2023', '2099']);
  expect(calendar).toHaveLength(4 * 365);
  expect(calendar.find(({ date_id }) => date_id === '2099-12-31')).toEqual({
    date_id: '2099-12-31',
    year: '2099',
    month: '12',
    day: '31',
    day_of_week: '4',
    day_name: 'Thursday',
    month_name: 'December',
    quarter: '4',
  });
});

test('joins each part with the rows of its lookups, and shows a placeholder without such a row', async () => {
  const department = {
    table: 'department',
    rows: [{ department_id: 2, department_name: "O'Keefe & Co", location: null }],
  };
  const staff = [
    { staff_id: 1, department_id: 2 },
    { staff_id: 2, department_id: 3 },
  ];
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'staff', rows: staff, lookups: { department_id: department } }]);
  await lakes.run();
  expect(await lakes.rowsOf(1, 'dim_staff')).toMatchObject([
    { staff_id: '1', department_name: "O'Keefe & Co", location: 'Unknown' },
    { staff_id: '2', department_name: 'Unknown', location: 'Unknown' },
  ]);
});

test('derives context rows for a dimension that joins, and for no other table', async () => {
  const address = { table: 'address', rows: [{ address_id: 6, address_line_2: null }] };
  await writeBatch(lakes.ingestion, 1, null, [
    {
      table: 'counterparty',
      role: 'context',
      rows: [{ counterparty_id: 1, legal_address_id: 6 }],
      lookups: { legal_address_id: address },
    },
    { table: 'sales_order', role: 'context', rows: [salesOrder] },
  ]);
  await lakes.run();
  expect(await lakes.rowsOf(1, 'dim_counterparty')).toMatchObject([
    { counterparty_id: '1', counterparty_legal_address_line_2: null },
  ]);
  expect((await lakes.manifestOf(1)).parts.map(({ table }) => table)).toEqual(['dim_counterparty']);
});

test('names a currency, or shows its code with a warning', async () => {
  const rows = ['GBP', 'XQX', '12', 'é'].map((currency_code, i) => ({ currency_id: i + 1, currency_code }));
  await writeBatch(lakes.ingestion, 1, null, [{ table: 'currency', rows }]);
  expect((await lakes.run()).warnings).toEqual([
    "column 'currency_name' of 'dim_currency' shows a placeholder in 3 rows, " +
      'where the source has no code, or one that ISO 4217 does not name: keys 2, 3, 4',
  ]);
  expect((await lakes.rowsOf(1, 'dim_currency')).map(({ currency_name }) => currency_name)).toEqual([
    'British Pound',
    'XQX',
    '12',
    'é',
  ]);
});

test('writes the keys of deleted facts, and keeps dimensions', async () => {
  await writeBatch(lakes.ingestion, 1, null, [], { deleted: { payment: [3, 4], staff: [1] } });
  await lakes.run();
  expect(await lakes.rowsOf(1, 'fact_payment', 'deleted')).toEqual([{ payment_id: '3' }, { payment_id: '4' }]);
  expect(Object.keys(await lakes.contents()).filter((key) => key.endsWith('.parquet'))).toEqual([
    expect.stringMatching(/^deleted_fact_payment\/batch_date=2026-11-22\/batch=0000000001\/[0-9a-f]{32}\.parquet$/),
  ]);
});
