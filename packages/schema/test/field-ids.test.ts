import {
  fieldIdOf,
  PUBLISHED_BATCHES,
  publishedTables,
  RETIRED_FIELD_IDS,
  totesysFieldIds,
  totesysModel,
} from '../src/index.ts';

/** The number of ids that each published table has ever used; the next column of a table gets the next id. */
const IDS_IN_USE = {
  dim_date: 9,
  dim_staff: 7,
  dim_location: 9,
  dim_currency: 4,
  dim_design: 5,
  dim_counterparty: 10,
  dim_transaction: 5,
  dim_payment_type: 3,
  fact_sales_order: 15,
  fact_purchase_orders: 15,
  fact_payment: 13,
  deleted_fact_sales_order: 2,
  deleted_fact_purchase_orders: 2,
  deleted_fact_payment: 2,
};

test('each published column has a field id that no other column of its table has, or had', () => {
  for (const { name, columns } of publishedTables(totesysModel)) {
    const ids = [...columns.map(({ id }) => id), ...(RETIRED_FIELD_IDS[name] ?? [])];
    expect([name, new Set(ids).size]).toEqual([name, ids.length]);
  }
});

test('ids are numbered without gaps, and every one belongs to a column or to a removed one', () => {
  const used = Object.entries(totesysFieldIds).map(([table, columns]) => {
    const ids = [...Object.values(columns), ...(RETIRED_FIELD_IDS[table] ?? [])].sort((a, b) => a - b);
    expect(ids).toEqual(ids.map((_, i) => i + 1));
    return [table, ids.length];
  });
  expect(Object.fromEntries(used)).toEqual(IDS_IN_USE);
});

test('ids are declared for the columns of the model and for no others', () => {
  const published = publishedTables(totesysModel).filter(({ name }) => name !== PUBLISHED_BATCHES);
  expect(
    Object.fromEntries(published.map(({ name, columns }) => [name, columns.map((column) => column.name)])),
  ).toEqual(
    Object.fromEntries(Object.entries(totesysFieldIds).map(([table, columns]) => [table, Object.keys(columns)])),
  );
});

test('a column without an id is refused', () => {
  expect(() => fieldIdOf(totesysModel, 'dim_date', 'week')).toThrow(
    "Column 'week' of table 'dim_date' has no field id",
  );
});
