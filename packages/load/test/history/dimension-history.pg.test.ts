import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order, orders } from '../loaded-warehouse.ts';
import type { BatchSpec, Row } from '../processed-batch.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const staff = (id: number, name: string): Row => ({ staff_id: id, first_name: name });
const bringStaff = (...rows: Row[]) => warehouse.bring({ rows: { dim_staff: rows } });

/** The states of staff: id, first name, from batch, until batch. */
async function states(): Promise<unknown[][]> {
  const rows = await sql()`
    select staff_id, first_name, from_batch, until_batch from dim_staff_states()
     order by staff_id, until_batch nulls last`;
  return rows.map((row) => Object.values(row));
}

async function staffAsOf(batch: number): Promise<[number, string][]> {
  const rows = await sql()`select staff_id, first_name from dim_staff_as_of(${batch}) order by 1`;
  return rows.map(({ staff_id, first_name }) => [staff_id, first_name]);
}

const firstBatches = async () =>
  (
    await sql()`select from_id::int, batch from etl.first_batch
                 where dimension = 'dim_staff' and from_id > -1000 order by from_id`
  ).map(({ from_id, batch }) => [from_id, batch]);

test('a state that a batch replaces is kept with that batch, and an equal row is no state', async () => {
  await bringStaff(staff(1, 'Ann'), staff(2, 'Bob'));
  await bringStaff(staff(1, 'Anna'), staff(2, 'Bob'));
  await bringStaff(staff(1, 'Anna'));
  await bringStaff(staff(1, 'Ann'));
  expect(await states()).toEqual([
    [1, 'Ann', 1, 2],
    [1, 'Anna', 2, 4],
    [1, 'Ann', 4, null],
    [2, 'Bob', 1, null],
  ]);
  expect(await sql()`select from etl.dim_staff_history`).toHaveLength(2);
  for (const [batch, name] of [
    [1, 'Ann'],
    [2, 'Anna'],
    [3, 'Anna'],
    [4, 'Ann'],
  ] as const) {
    expect({ batch, rows: await staffAsOf(batch) }).toEqual({
      batch,
      rows: [
        [1, name],
        [2, 'Bob'],
      ],
    });
  }
});

test('a null that becomes a value, and a value that becomes null, are states', async () => {
  for (const sales_order_id of [null, 4, null]) {
    await warehouse.bring({ rows: { dim_transaction: [{ transaction_id: 1, sales_order_id }] } });
  }
  const found = await sql()`select sales_order_id, from_batch, until_batch from dim_transaction_states() order by 2`;
  expect(found.map((row) => Object.values(row))).toEqual([
    [null, 1, 2],
    [4, 2, 3],
    [null, 3, null],
  ]);
});

test('the first batch of each key is known, whatever the order and the gaps of the keys', async () => {
  const batches = [
    [10, 20, 30],
    [40, 45],
    [21, 22, 29],
    [1, 46, 47],
    [23, 11, 90],
    [91, 31, 25],
    [24, 2],
  ];
  for (const keys of batches) await bringStaff(...keys.map((id) => staff(id, `of ${keys.join()}`)));
  await bringStaff(...batches.flat().map((id) => staff(id, 'new')));
  for (let batch = 1; batch <= batches.length; batch++) {
    const expected = batches.slice(0, batch).flatMap((keys) => keys.map((id) => [id, `of ${keys.join()}`]));
    expect({ batch, rows: await staffAsOf(batch) }).toEqual({
      batch,
      rows: expected.sort(([a], [b]) => Number(a) - Number(b)),
    });
  }
});

test('a first load records one entry for each batch and dimension', async () => {
  await bringStaff(...Array.from({ length: 500 }, (_, i) => staff(1 + 3 * i, 'x')));
  await bringStaff(...Array.from({ length: 500 }, (_, i) => staff(5000 + 2 * i, 'x')));
  expect(await firstBatches()).toEqual([
    [1, 1],
    [5000, 2],
  ]);
  // A row that a lost notification or a repair brings again starts nothing.
  await bringStaff(staff(4, 'x'), staff(5002, 'x'));
  expect(await firstBatches()).toHaveLength(2);
});

test('a key that arrives twice in the first batch goes through the staging and has its first batch, too', async () => {
  await bringStaff(staff(1, 'Ann'), staff(1, 'Ann'), staff(2, 'Bob'));
  expect(await states()).toEqual([
    [1, 'Ann', 1, null],
    [2, 'Bob', 1, null],
  ]);
});

test('the calendar has the days of each batch', async () => {
  await warehouse.bring({ rows: { dim_date: [{ date_id: 10 }, { date_id: 12 }] } });
  await warehouse.bring({ rows: { dim_date: [{ date_id: 11 }, { date_id: -5 }] } });
  const days = async (batch: number) =>
    (await sql()`select date_id::text as day from dim_date_as_of(${batch}) order by 1`).map(({ day }) => day);
  expect(await days(1)).toEqual(['1970-01-11', '1970-01-13']);
  expect(await days(2)).toEqual(['1969-12-27', '1970-01-11', '1970-01-12', '1970-01-13']);
});

test('rows from before the first batch have an unknown start and are shown as of every batch', async () => {
  await warehouse.run();
  await sql()`insert into dim_staff select n, 'Old', 'x', 'x', 'x', 'x' from generate_series(5, 6) n`;
  await bringStaff(staff(1, 'Ann'), staff(5, 'New'), staff(7, 'Gus'));
  await bringStaff(staff(6, 'New'));
  expect(await states()).toEqual([
    [1, 'Ann', 1, null],
    [5, 'Old', null, 1],
    [5, 'New', 1, null],
    [6, 'Old', null, 2],
    [6, 'New', 2, null],
    [7, 'Gus', 1, null],
  ]);
  expect(await staffAsOf(1)).toEqual([
    [1, 'Ann'],
    [5, 'New'],
    [6, 'Old'],
    [7, 'Gus'],
  ]);
});

describe('batches that loaded together', () => {
  const counts = (rows: number, quarantined: number) => ({ sales_order: { rows, quarantined } });
  const half: BatchSpec = {
    rows: { dim_staff: [staff(1, 'Anna'), staff(2, 'Bob')], fact_sales_order: orders(1, 800) },
    leftOut: { sales_order: [[801, 1_000]] },
    counts: counts(1_000, 200),
  };

  beforeEach(async () => {
    await warehouse.bring({ rows: { ...dimensions, dim_staff: [staff(1, 'Ann')] } });
    await warehouse.write(half);
    await warehouse.write({ rows: { dim_staff: [staff(1, 'Annabel')] } });
    await warehouse.write({ rows: { fact_sales_order: orders(801, 1_000) } });
    expect(await warehouse.run()).toMatchObject({ batches: [2, 3, 4] });
    await warehouse.bring({ rows: { fact_sales_order: [order(1, { units_sold: 9 })] } });
  });

  test('have the states between them in the history', async () => {
    expect(await states()).toEqual([
      [1, 'Ann', 1, 2],
      [1, 'Anna', 2, 3],
      [1, 'Annabel', 3, null],
      [2, 'Bob', 2, null],
    ]);
    expect(
      (await sql()`select batch, loaded_with from etl.ledger order by 1`).map((row) => Object.values(row)),
    ).toEqual([
      [1, 1],
      [2, 4],
      [3, 4],
      [4, 4],
      [5, 5],
    ]);
  });

  test('are no states of the warehouse, except for the last of them', async () => {
    for (const batch of [2, 3]) {
      for (const called of ['dim_staff_as_of', 'fact_sales_order_as_of', 'fact_payment_as_of']) {
        await expect(sql().unsafe(`select * from ${called}(${batch})`)).rejects.toMatchObject({
          code: '22023',
          message:
            `Batch ${batch} loaded together with later ones up to batch 4: the warehouse never showed the state as of ` +
            `batch ${batch}. Use batch 4.`,
        });
      }
      await expect(sql()`select * from changes_between(1, ${batch})`).rejects.toMatchObject({ code: '22023' });
    }
    expect(await staffAsOf(1)).toEqual([[1, 'Ann']]);
    expect(await staffAsOf(4)).toEqual([
      [1, 'Annabel'],
      [2, 'Bob'],
    ]);
    expect(await sql()`select from fact_sales_order_as_of(4) where units_sold = 9`).toHaveLength(0);
    expect(await sql()`select from fact_sales_order_as_of(5) where units_sold = 9`).toHaveLength(1);
  });
});

test('a batch that is not loaded, and no batch, are refused by each function', async () => {
  await warehouse.bring({ rows: dimensions });
  const refused = (statement: string, message: RegExp) =>
    expect(sql().unsafe(statement)).rejects.toMatchObject({ code: '22023', message: expect.stringMatching(message) });
  for (const name of ['dim_staff', 'dim_date', 'dim_transaction', 'fact_sales_order', 'fact_purchase_orders']) {
    await refused(`select * from ${name}_as_of(2)`, /^Batch 2 is not loaded: .* newest one is 1\.$/);
    await refused(`select * from ${name}_as_of(null)`, /^The batch is null/);
  }
  await refused('select * from dim_staff_as_of(7) where staff_id = 99', /^Batch 7 is not loaded/);
  await refused('select * from fact_payment_as_of(0) where payment_id = 99', /^Batch 0 is not loaded/);
  await refused('select * from changes_between(1, 2)', /^Batch 2 is not loaded/);
  await refused('select * from changes_between(3, 1)', /^Batch 3 is not loaded/);
  await refused(`select * from dim_staff_as_of(batch_at('1999-01-01'))`, /^The batch is null/);
});
