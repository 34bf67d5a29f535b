import {
  arrival,
  createLoadedWarehouse,
  dimensions,
  type LoadedWarehouse,
  order,
  orders,
  waits,
} from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;

describe('a fact whose dimension row is missing', () => {
  test.each([[3], [25_000]])(
    'is held among %i others, and is inserted with the batch that brings the dimension row',
    async (others) => {
      expect(
        await warehouse.bring({
          rows: { ...dimensions, fact_sales_order: [...orders(1, others), order(90_000, { ...waits, units_sold: 3 })] },
        }),
      ).toMatchObject({ held: 1 });
      expect(await warehouse.current()).toHaveLength(others);
      expect(await sql()`select id::int, batch, missing from etl.held`).toMatchObject([
        { id: 90_000, batch: 1, missing: ['sales_staff_id'] },
      ]);
      expect(await warehouse.bring(arrival)).toMatchObject({ held: 0 });
      expect(await warehouse.versions(90_000)).toEqual([3]);
    },
  );

  test('and others that are released with it are numbered by their ids, in whatever order they were held', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [9, 3, 6].map((id) => order(id, waits)) } });
    await warehouse.write({ rows: { fact_sales_order: [order(1), ...[8, 2].map((id) => order(id, waits))] } });
    expect(await warehouse.bring(arrival)).toMatchObject({ held: 0 });
    expect(await warehouse.recordOrder()).toEqual([1, 2, 3, 6, 8, 9]);
  });

  test('is dropped once a newer version has arrived', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1, { ...waits, units_sold: 3 })] } });
    await warehouse.write({ rows: { fact_sales_order: [order(1, { units_sold: 4 })] } });
    expect(await warehouse.bring(arrival)).toMatchObject({ held: 0 });
    expect(await warehouse.versions(1)).toEqual([4]);
  });

  test('is replaced by a newer version that is held, too', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1, { ...waits, units_sold: 3 })] } });
    expect(
      await warehouse.bring({ rows: { fact_sales_order: [order(1, { ...waits, units_sold: 4 })] } }),
    ).toMatchObject({ held: 1 });
    expect(await warehouse.bring(arrival)).toMatchObject({ held: 0 });
    expect(await warehouse.versions(1)).toEqual([4]);
  });

  test('does not stop the other rows of a large batch in a fact with a few rows', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1, { units_sold: 9 })] } });
    expect(
      await warehouse.bring({ rows: { fact_sales_order: [...orders(1, 25_000), order(90_000, waits)] } }),
    ).toMatchObject({ held: 1, batches: [1, 2] });
    expect(await warehouse.versions(1)).toEqual([9, 1]);
    expect(await warehouse.foreignKeys()).toBe(9);
  });

  test('is dropped when its source row is deleted', async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1, waits)] } });
    await warehouse.write({ deleted: { fact_sales_order: [1] } });
    expect(await warehouse.bring(arrival)).toMatchObject({ held: 0 });
    expect(await warehouse.versions(1)).toEqual([]);
  });

  test('keeps every value while it is held', async () => {
    const row = order(1, {
      ...waits,
      unit_price: 9_999_999_999n,
      created_at: 86_399_999_999n,
      agreed_delivery_date: 1,
    });
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [row] } });
    await warehouse.bring(arrival);
    expect(
      await sql()`select unit_price::text, created_time::text, agreed_delivery_date::text from fact_sales_order`,
    ).toMatchObject([
      { unit_price: '99999999.99', created_time: '23:59:59.999999', agreed_delivery_date: '1970-01-02' },
    ]);
  });
});
