import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order, orders } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
// The place and the transactions of each row: equal means that no row was written or locked.
const physical = () =>
  sql()`select 'f' as t, ctid::text, xmin::text, xmax::text from fact_sales_order
        union all select 's', ctid::text, xmin::text, xmax::text from dim_staff
        union all select 'd', ctid::text, xmin::text, xmax::text from dim_date order by 1, 2`;

describe('versions', () => {
  test.each([
    ['copied into an empty fact', []],
    ['inserted from the staging', [order(70)]],
  ] as const)('are numbered in the order of the parts when %s', async (_way, before) => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: before } });
    await warehouse.bring({ rows: { fact_sales_order: [40, 12, 33, 5].map((id) => order(id)) } });
    expect(await warehouse.recordOrder()).toEqual([...before.map(() => 70), 40, 12, 33, 5]);
  });

  test('a fact has one for each state: A, B and A again', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1, { units_sold: 5 })] } });
    for (const units_sold of [6, 6, 5])
      await warehouse.write({ rows: { fact_sales_order: [order(1, { units_sold })] } });
    expect(await warehouse.run()).toMatchObject({ outcome: 'loaded', batches: [1, 2, 3, 4] });
    expect(await warehouse.versions(1)).toEqual([5, 6, 5]);
    expect(await warehouse.current()).toEqual([[1, 5]]);
  });

  test('a null that becomes a value, and a value that becomes null, are changes', async () => {
    for (const sales_order_id of [null, 4, null]) {
      await warehouse.bring({ rows: { dim_transaction: [{ transaction_id: 1, sales_order_id }] } });
      expect(await sql()`select sales_order_id from dim_transaction`).toMatchObject([{ sales_order_id }]);
    }
  });

  test('a text that is equal only by the collation of the warehouse is a change', async () => {
    await sql().unsafe(`create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`);
    await warehouse.run();
    await sql().unsafe(`alter table dim_staff alter column location type varchar collate caseless;
      drop view fact_purchase_order, current_fact_purchase_orders;
      alter table fact_purchase_orders alter column item_code type varchar collate caseless`);
    const fact_purchase_orders = (item_code: string) => [{ purchase_order_id: 1, item_code }];
    for (const text of ['york', 'York', 'York']) {
      const rows = { ...dimensions, fact_purchase_orders: fact_purchase_orders(text) };
      await warehouse.bring({ rows: { ...rows, dim_staff: [{ staff_id: 1, location: text }] } });
    }
    expect(await sql()`select location from dim_staff where staff_id = 1`).toMatchObject([{ location: 'York' }]);
    expect(await sql()`select item_code from fact_purchase_orders order by purchase_record_id`).toMatchObject([
      { item_code: 'york' },
      { item_code: 'York' },
    ]);
  });

  test('a batch without changes touches no row, not even its header', async () => {
    const rows = { ...dimensions, fact_sales_order: [order(1), order(2)] };
    await warehouse.bring({ rows });
    const before = await physical();
    expect(await warehouse.bring({ rows })).toMatchObject({ batches: [2], rows: 0 });
    expect(await physical()).toEqual(before);
  });

  test('a dimension has the latest values, and unchanged rows are not touched', async () => {
    await warehouse.bring({ rows: dimensions });
    const [before] = await sql()`select ctid::text, xmin::text from dim_staff where staff_id = 1`;
    expect(
      await warehouse.bring({ rows: { dim_staff: [{ staff_id: 1 }, { staff_id: 2, location: 'York' }] } }),
    ).toMatchObject({ rows: 1 });
    expect(await sql()`select location from dim_staff where staff_id = 2`).toMatchObject([{ location: 'York' }]);
    expect(await sql()`select ctid::text, xmin::text from dim_staff where staff_id = 1`).toMatchObject([before!]);
  });

  test('a large first batch keeps the foreign keys, which check its rows', async () => {
    expect(await warehouse.bring({ rows: { ...dimensions, fact_sales_order: orders(1, 25_000) } })).toMatchObject({
      held: 0,
    });
    expect(await warehouse.foreignKeys()).toBe(9);
    expect(await warehouse.current()).toHaveLength(25_000);
  });
});

test('a batch corrects a day of the calendar that was changed by hand, and touches no other', async () => {
  await warehouse.bring({ rows: { dim_date: [{ date_id: 1 }, { date_id: 2 }] } });
  const before = await physical();
  await warehouse.bring({ rows: { dim_date: [{ date_id: 1 }, { date_id: 2 }] } });
  expect(await physical()).toEqual(before);
  const [day] = await sql()`update dim_date set quarter = quarter + 5 where date_id = '1970-01-02' returning quarter`;
  await warehouse.bring({ rows: { dim_date: [{ date_id: 1 }] } });
  expect(await sql()`select (quarter + 5)::int as quarter from dim_date where date_id = '1970-01-02'`).toEqual([
    { ...day },
  ]);
});
