import { arrival, createLoadedWarehouse, dimensions, type LoadedWarehouse, order, waits } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

/** The changes of orders between two batches: id, change, changed columns, and the record ids before and after. */
async function changes(from: number, to: number): Promise<unknown[][]> {
  const rows = await warehouse.database.sql`
    select id::int, change, changed_columns, record_id_before, record_id_after from changes_between(${from}, ${to})
     where fact = 'fact_sales_order' order by id`;
  return rows.map((row) => Object.values(row));
}

const bring = (...rows: ReturnType<typeof order>[]) => warehouse.bring({ rows: { fact_sales_order: rows } });

test('names inserted, updated and deleted facts, and the columns of an update', async () => {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1), order(2), order(3)] } });
  await bring(order(1, { units_sold: 5, unit_price: 7n }), order(4));
  await warehouse.bring({ deleted: { fact_sales_order: [2] } });
  expect(await changes(1, 3)).toEqual([
    [1, 'updated', ['units_sold', 'unit_price'], 1, 4],
    [2, 'deleted', [], 2, null],
    [4, 'inserted', [], null, 5],
  ]);
  expect(await changes(2, 3)).toEqual([[2, 'deleted', [], 2, null]]);
  expect(await changes(3, 1)).toEqual([
    [1, 'updated', ['units_sold', 'unit_price'], 4, 1],
    [2, 'inserted', [], null, 2],
    [4, 'deleted', [], 5, null],
  ]);
  expect(await changes(2, 2)).toEqual([]);
});

test('shows the net change: what was undone in between is none', async () => {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1), order(2), order(3)] } });
  await bring(order(1, { units_sold: 5 }), order(9));
  await warehouse.bring({ deleted: { fact_sales_order: [2, 3, 9] } });
  await bring(order(1), order(2), order(3, { units_sold: 8 }));
  expect(await changes(1, 4)).toEqual([[3, 'updated', ['units_sold'], 3, 7]]);
  expect(await changes(3, 4)).toEqual([
    [1, 'updated', ['units_sold'], 4, 6],
    [2, 'inserted', [], null, 2],
    [3, 'inserted', [], null, 7],
  ]);
});

test('a fact that waited is a change of the batch that released it', async () => {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
  await bring(order(1, waits), order(2, waits));
  await warehouse.bring(arrival);
  expect(await changes(1, 2)).toEqual([]);
  expect(await changes(2, 3)).toEqual([
    [1, 'updated', ['sales_staff_id'], 1, 2],
    [2, 'inserted', [], null, 3],
  ]);
});
