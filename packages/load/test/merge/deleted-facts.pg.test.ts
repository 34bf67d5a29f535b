import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;

describe('a deleted fact', () => {
  beforeEach(async () => {
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1), order(2)] } });
    await warehouse.bring({ deleted: { fact_sales_order: [1] } });
  });

  test('is no longer current, and its history stays', async () => {
    expect(await warehouse.current()).toEqual([[2, 1]]);
    expect(await warehouse.versions(1)).toEqual([1]);
    expect(await sql()`select id::int, deleted_batch, restored_batch from etl.deletion`).toMatchObject([
      { id: 1, deleted_batch: 2, restored_batch: null },
    ]);
  });

  test('is current again when it reappears unchanged, without a new version', async () => {
    await warehouse.bring({ rows: { fact_sales_order: [order(1)] } });
    expect(await warehouse.current()).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(await warehouse.versions(1)).toEqual([1]);
  });

  test('is current again as a new version when it reappears changed, and can be deleted again', async () => {
    await warehouse.bring({ rows: { fact_sales_order: [order(1, { units_sold: 8 })] } });
    expect(await warehouse.versions(1)).toEqual([1, 8]);
    await warehouse.bring({ deleted: { fact_sales_order: [1] } });
    expect(await warehouse.current()).toEqual([[2, 1]]);
  });
});
