import { writePart } from '@totesys/lake';
import { factsOf, totesysModel, type WarehouseColumn } from '@totesys/schema';
import { readParts } from '../../src/merge/copy-parts.ts';
import { withoutForeignKeys } from '../../src/merge/without-foreign-keys.ts';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';
import { batchOf } from '../processed-batch.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const isUnfit = (fault: string) => ({ code: 'WAREHOUSE_UNFIT', message: expect.stringContaining(fault) });

// A fact with rows and without a migration, like a copy from another warehouse.
async function prepareOrders(recordId: number): Promise<void> {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
  await sql()`update fact_sales_order set sales_record_id = ${recordId}`;
  await sql()`update etl.ledger set last_record_ids = jsonb_build_object('fact_sales_order', ${recordId}::int)`;
  await sql()`delete from etl.migration`;
}

test.each([
  ["select setval('fact_sales_order_sales_record_id_seq', 500)"],
  ['alter sequence fact_sales_order_sales_record_id_seq restart with 501'],
])(
  'a record id above its sequence is refused, because later versions would get lower ids, until: %s',
  async (remedy) => {
    await prepareOrders(500);
    await expect(warehouse.run()).rejects.toMatchObject(isUnfit("column 'sales_record_id'"));
    await sql().unsafe(remedy);
    expect(await warehouse.bring({ rows: { fact_sales_order: [order(1, { unit_price: 160n })] } })).toMatchObject({
      batches: [2],
    });
    expect(await sql()`select unit_price::text from current_fact_sales_order`).toMatchObject([{ unit_price: '1.60' }]);
  },
);

test('a foreign key that was never validated is validated', async () => {
  await prepareOrders(1);
  const name = 'fact_sales_order_sales_staff_id_fkey';
  await sql().unsafe(`alter table fact_sales_order drop constraint ${name};
    alter table fact_sales_order add constraint ${name} foreign key (sales_staff_id) references dim_staff not valid`);
  await warehouse.run();
  expect(await sql()`select convalidated from pg_constraint where conname = ${name}`).toMatchObject([
    { convalidated: true },
  ]);
});

test('rows without a dimension row are refused with the name of their table', async () => {
  await prepareOrders(1);
  await sql()`alter table fact_sales_order drop constraint fact_sales_order_sales_staff_id_fkey`;
  await sql()`update fact_sales_order set sales_staff_id = 77`;
  await expect(warehouse.run()).rejects.toMatchObject(isUnfit("column 'sales_staff_id'"));
});

test('rows with the same key are refused with the name of their table', async () => {
  await sql()`create table dim_currency (currency_id int, currency_code varchar, currency_name varchar)`;
  await sql()`insert into dim_currency values (1, 'GBP', 'x'), (1, 'EUR', 'y')`;
  await expect(warehouse.run()).rejects.toMatchObject(isUnfit("'currency_id'"));
});

test('progress counts the rows of a table across its parts', async () => {
  const dates = totesysModel.warehouse.find(({ name }) => name === 'dim_date')!.columns;
  const parts = [];
  for (const rows of [2, 3]) {
    const days = batchOf(
      dates as WarehouseColumn[],
      Array.from({ length: rows }, (_, i) => ({ date_id: i })),
    );
    parts.push({
      table: 'dim_date',
      role: 'rows' as const,
      ...(await writePart(warehouse.store, `dim_date/${rows}/`, [days])),
    });
  }
  const seen: number[] = [];
  for await (const _ of readParts(warehouse.store, parts, (rows) => seen.push(rows)));
  expect(seen).toEqual([2, 5]);
});

test('the lock timeout is as before once the foreign keys are added again', async () => {
  await warehouse.run();
  const fact = factsOf(totesysModel)[0]!;
  await warehouse.sql.begin(async (sql) => {
    await sql`set local lock_timeout = 60000`;
    await withoutForeignKeys(sql, totesysModel, fact, async () => {
      expect(await sql`show lock_timeout`).toMatchObject([{ lock_timeout: '200ms' }]);
    });
    expect(await sql`show lock_timeout`).toMatchObject([{ lock_timeout: '1min' }]);
  });
});
