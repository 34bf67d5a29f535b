import { readFile } from 'node:fs/promises';
import { silentTelemetry } from '@totesys/runtime';
import { type Dimension, type Model, totesysModel } from '@totesys/schema';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';

const before = await readFile(new URL('./before-history.sql', import.meta.url), 'utf8');

let warehouse: LoadedWarehouse;

// The lake has the two batches of the older warehouse: staff 1 was Ann in batch 1, and is Anna since batch 2.
beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
  await warehouse.database.sql.unsafe(before);
  const staff = [{ staff_id: 1, first_name: 'Ann' }, { staff_id: 2 }];
  await warehouse.write({ rows: { ...dimensions, dim_staff: staff, fact_sales_order: [order(1), order(2)] } });
  await warehouse.write({
    rows: {
      dim_staff: [{ staff_id: 1, first_name: 'Anna' }, { staff_id: 4 }],
      fact_sales_order: [order(1, { units_sold: 4 })],
    },
  });
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;

async function staffAsOf(batch: number): Promise<unknown[][]> {
  const rows = await sql()`select staff_id, first_name from dim_staff_as_of(${batch}) order by 1`;
  return rows.map((row) => Object.values(row));
}

test('a warehouse of an older load is migrated: its history begins with its newest batch', async () => {
  const statesOf = async () =>
    (await sql()`select staff_id, first_name, from_batch, until_batch from dim_staff_states() order by 1, 4`).map(
      (row) => Object.values(row),
    );
  const [one] = await sql()`select first_name from dim_staff where staff_id = 2`;
  await warehouse.run();
  expect(await statesOf()).toEqual([
    [1, 'Anna', null, null],
    [2, one!.first_name, null, null],
    [4, one!.first_name, null, null],
  ]);
  await warehouse.bring({
    rows: { dim_staff: [{ staff_id: 1, first_name: 'Annabel' }, { staff_id: 3 }, { staff_id: 5 }] },
  });
  expect(await staffAsOf(2)).toEqual([
    [1, 'Anna'],
    [2, one!.first_name],
    [4, one!.first_name],
  ]);
  expect(await staffAsOf(3)).toEqual([[1, 'Annabel'], ...[2, 3, 4, 5].map((id) => [id, one!.first_name])]);
  expect(await statesOf()).toMatchObject([
    [1, 'Anna', null, 3],
    [1, 'Annabel', 3, null],
    [2, one!.first_name, null, null],
    [3, one!.first_name, 3, null],
    [4, one!.first_name, null, null],
    [5, one!.first_name, 3, null],
  ]);
  expect(await sql()`select units_sold from fact_sales_order_as_of(2) order by sales_order_id`).toMatchObject([
    { units_sold: 4 },
    { units_sold: 1 },
  ]);
});

test('its earlier batches are refused, with the batch at which the history begins', async () => {
  await warehouse.run();
  for (const called of ['dim_staff_as_of(1)', 'fact_sales_order_as_of(1)', 'changes_between(1, 2)']) {
    await expect(sql().unsafe(`select * from ${called}`)).rejects.toMatchObject({
      code: '22023',
      message: expect.stringMatching(
        /^The state as of batch 1 was not kept: .* begins with batch 2\..*totesys rebuild$/,
      ),
    });
  }
});

test('if an older load writes again, the history begins again after it', async () => {
  await warehouse.run();
  await warehouse.bring({ rows: { dim_staff: [{ staff_id: 1, first_name: 'Annabel' }] } });
  // What an older load writes: no history, and no `loaded_with`.
  await sql().unsafe(`
    update dim_staff set first_name = 'Bella' where staff_id = 1;
    update etl.ledger set loaded_with = null where batch = 3`);
  await warehouse.bring({ rows: { dim_staff: [{ staff_id: 1, first_name: 'Clara' }] } });
  await expect(staffAsOf(2)).rejects.toMatchObject({ message: expect.stringContaining('begins with batch 3') });
  expect((await staffAsOf(3))[0]).toEqual([1, 'Bella']);
  expect((await staffAsOf(4))[0]).toEqual([1, 'Clara']);
});

test.each([
  ['etl.dim_staff_history', 'etl.dim_staff_history'],
  ['etl.first_batch', 'etl.first_batch'],
])('a lost %s is not replaced by an empty table', async (_what, table) => {
  await warehouse.run();
  await sql().unsafe(`drop table ${table}`);
  await expect(warehouse.run()).rejects.toMatchObject({
    code: 'WAREHOUSE_UNFIT',
    message: expect.stringMatching(new RegExp(`'${table.replace('.', '.*')}.*' of the warehouse is missing`)),
  });
  expect(await sql()`select to_regclass(${table}) as found`).toEqual([{ found: null }]);
});

test('a function that was lost is created again, and one of another text is replaced', async () => {
  await warehouse.run();
  await sql().unsafe('drop function dim_staff_as_of(integer)');
  await warehouse.run();
  expect(await staffAsOf(2)).toHaveLength(3);
  await sql().unsafe(`
    create or replace function batch_at(moment timestamp) returns integer language sql stable as 'select 7';
    delete from etl.migration`);
  await warehouse.run();
  expect(await sql()`select batch_at('2100-01-01') as batch`).toEqual([{ batch: 2 }]);
});

describe('a dimension that gains a column', () => {
  const grown: Model = {
    ...totesysModel,
    warehouse: totesysModel.warehouse.map((table) => {
      if (table.name !== 'dim_staff') return table;
      const derivation = { kind: 'column', column: 'note' } as const;
      const note = { name: 'note', type: { kind: 'varchar' }, nullable: true, derivation } as const;
      return { ...(table as Dimension), columns: [...(table as Dimension).columns, note] };
    }),
  };

  test('has it in its history and its functions', async () => {
    await warehouse.run();
    await warehouse.bring({ rows: { dim_staff: [{ staff_id: 1, first_name: 'Annabel' }] } });
    await warehouse.run({ model: grown });
    await warehouse.write({ model: grown, rows: { dim_staff: [{ staff_id: 1, note: 'x' }] } });
    await warehouse.write({ model: grown, rows: { dim_staff: [{ staff_id: 1, note: 'y' }] } });
    await warehouse.run({ model: grown });
    const notes = await sql()`select note, until_batch from dim_staff_states() where staff_id = 1 order by 2`;
    expect(notes.map((row) => Object.values(row))).toEqual([
      [null, 3],
      [null, 4],
      ['x', 5],
      ['y', null],
    ]);
    expect(await sql()`select note from dim_staff_as_of(4) where staff_id = 1`).toEqual([{ note: 'x' }]);
  });

  test('keeps its functions as they are while a view of others is built on them', async () => {
    await warehouse.run();
    await sql()`create view report as select first_name from dim_staff_as_of(2)`;
    const warnings: unknown[] = [];
    const telemetry = {
      ...silentTelemetry,
      warn: (event: string, fields?: object) => void warnings.push([event, fields]),
    };
    await warehouse.run({ model: grown, telemetry });
    expect(warnings).toMatchObject([['migration:postponed', { relations: ['public."dim_staff_as_of"(integer)'] }]]);
    expect(await sql()`select from report`).toHaveLength(3);
    await sql()`drop view report`;
    await warehouse.run({ model: grown });
    expect(await sql()`select note from dim_staff_as_of(2)`).toHaveLength(3);
  });
});
