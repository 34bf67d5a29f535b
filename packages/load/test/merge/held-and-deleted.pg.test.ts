import { arrival, createLoadedWarehouse, dimensions, type LoadedWarehouse, order, waits } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
  await warehouse.bring({
    rows: { ...dimensions, fact_sales_order: [order(1, { units_sold: 5 }), order(2, { units_sold: 5 })] },
  });
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const waiting = (id: number, units: number) => order(id, { units_sold: units, ...waits });
const held = async () => (await sql()`select id::int from etl.held order by 1`).map(({ id }) => id);

test('a deleted fact that reappears and is held is not current until its dimension row arrives', async () => {
  await warehouse.bring({ deleted: { fact_sales_order: [1] } });
  await warehouse.bring({ rows: { fact_sales_order: [waiting(1, 8)] } });
  expect(await held()).toEqual([1]);
  expect(await warehouse.current()).toEqual([[2, 5]]);
  await warehouse.bring(arrival);
  expect(await held()).toEqual([]);
  expect(await warehouse.current()).toEqual([
    [1, 8],
    [2, 5],
  ]);
  expect(await sql()`select deleted_batch, restored_batch from etl.deletion`).toEqual([
    { deleted_batch: 2, restored_batch: 4 },
  ]);
});

test('a deleted fact that reappears, is held and is deleted again stays deleted', async () => {
  await warehouse.bring({ deleted: { fact_sales_order: [1] } });
  await warehouse.bring({ rows: { fact_sales_order: [waiting(1, 8)] } });
  await warehouse.bring({ deleted: { fact_sales_order: [1] } });
  await warehouse.bring(arrival);
  expect(await warehouse.current()).toEqual([[2, 5]]);
  expect(await warehouse.versions(1)).toEqual([5]);
});

test('a fact that is deleted while a newer version is held is not current, and that version is dropped', async () => {
  await warehouse.bring({ rows: { fact_sales_order: [waiting(1, 8)] } });
  await warehouse.bring({ deleted: { fact_sales_order: [1] } });
  await warehouse.bring(arrival);
  expect(await warehouse.current()).toEqual([[2, 5]]);
  expect(await warehouse.versions(1)).toEqual([5]);
});

test('a fact that is deleted before it ever arrived, and reappears, arrives as new', async () => {
  await warehouse.bring({ rows: { fact_sales_order: [waiting(3, 8)] } });
  await warehouse.bring({ deleted: { fact_sales_order: [3] } });
  await warehouse.bring({ rows: { ...arrival.rows, fact_sales_order: [waiting(3, 9)] } });
  expect(await warehouse.versions(3)).toEqual([9]);
  expect(await sql()`select from etl.deletion`).toHaveLength(0);
});

test('a held fact that becomes equal to its latest version adds no version', async () => {
  await warehouse.bring({ rows: { fact_sales_order: [waiting(1, 8)] } });
  await warehouse.bring({ rows: { fact_sales_order: [order(1, { units_sold: 5 })] } });
  await warehouse.bring(arrival);
  expect(await warehouse.versions(1)).toEqual([5]);
  expect(await held()).toEqual([]);
});

test('negative and zero ids are deleted, held and released like any other', async () => {
  await warehouse.bring({
    rows: { fact_sales_order: [order(0, { units_sold: 1 }), order(-1, { units_sold: 1 }), waiting(-2, 1)] },
  });
  await warehouse.bring({ deleted: { fact_sales_order: [0, -1] } });
  expect(await warehouse.current()).toEqual([
    [1, 5],
    [2, 5],
  ]);
  await warehouse.bring({ rows: { ...arrival.rows, fact_sales_order: [order(-1, { units_sold: 1 })] } });
  expect(await warehouse.current()).toEqual([
    [-2, 1],
    [-1, 1],
    [1, 5],
    [2, 5],
  ]);
});
