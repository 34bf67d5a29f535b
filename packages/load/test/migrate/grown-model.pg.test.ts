import { type Fact, type Model, totesysModel } from '@totesys/schema';
import { describeWarehouse, WAREHOUSE } from '../designed-warehouse.ts';
import { createLoadedWarehouse, type LoadedWarehouse } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;

// A model as the next version may have it: a fact has gained a column in the middle, and there is one more dimension.
function grown(nullable: boolean): Model {
  const derivation = { kind: 'column', column: 'note' } as const;
  const note = { name: 'note', type: { kind: 'varchar' }, nullable, derivation } as const;
  const warehouse = totesysModel.warehouse.map((table) =>
    table.name !== 'fact_payment'
      ? table
      : { ...(table as Fact), columns: (table as Fact).columns.toSpliced(3, 0, note) },
  );
  const key = { ...note, name: 'shop_id', type: { kind: 'integer' }, nullable: false } as const;
  const shop = { kind: 'dimension', name: 'dim_shop', source: 'shop', key: 'shop_id', columns: [key, note] } as const;
  return { ...totesysModel, warehouse: [...warehouse, shop] };
}

describe('a model that has grown', () => {
  test('migrates a warehouse in use, and keeps the views that others built on its views', async () => {
    await warehouse.run();
    await sql()`create view report as select payment_id, paid from current_fact_payment`;
    await warehouse.run({ model: grown(true) });
    const tables = await describeWarehouse(warehouse.database);
    expect(tables.dim_shop).toEqual(['shop_id integer', 'note character varying?']);
    expect(tables.fact_payment).toEqual([...WAREHOUSE.fact_payment!, 'note character varying?']);
    expect(await sql()`select note from current_fact_payment`).toHaveLength(0);
    expect(await sql()`select from report`).toHaveLength(0);
    await warehouse.run();
    await warehouse.run({ model: grown(true) });
  });

  test('is refused if existing rows would lack a required value', async () => {
    await warehouse.run();
    await warehouse.run({ model: grown(false) });
    expect((await describeWarehouse(warehouse.database)).fact_payment).toContain('note character varying');
    await sql()`alter table fact_payment drop column note cascade`;
    await sql()`delete from etl.migration`;
    for (const {
      definition,
    } of await sql()`select format('alter table fact_payment drop constraint %I', conname) as definition
        from pg_constraint where conrelid = 'fact_payment'::regclass and contype = 'f'`)
      await sql().unsafe(definition);
    await sql()`insert into fact_payment select 1, 1, now(), now(), now(), now(), 1, 1, 1, 1, 1, true, now()`;
    await expect(warehouse.run({ model: grown(false) })).rejects.toMatchObject({
      code: 'WAREHOUSE_UNFIT',
      message: expect.stringContaining("column 'note' is missing and the table has rows"),
    });
  });
});
