import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order, orders } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const staff = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ staff_id: from + i, location: `floor ${i}` }));
/** Enough rows for keys and indexes to be dropped while they are copied. */
const many = { ...dimensions, dim_staff: staff(1, 25_000), fact_sales_order: orders(1, 25_000) };

/** The indexes and constraints of the star schema as Postgres writes them. */
async function definitions(): Promise<string[]> {
  const rows = await sql()`
    select conrelid::regclass || ' ' || conname || ' ' || convalidated || ' ' || pg_get_constraintdef(oid) as line
      from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select indexrelid::regclass || ' ' || indisvalid || ' ' || pg_get_indexdef(indexrelid)
      from pg_index join pg_class on oid = indrelid where relnamespace = 'public'::regnamespace
    order by 1`;
  return rows.map(({ line }) => line);
}

/** The objects behind names of indexes: equal means that none was created again. */
async function objects(...names: string[]): Promise<number[]> {
  const rows = await sql()`select name::regclass::oid::int as oid from unnest(${names}::text[]) name`;
  return rows.map(({ oid }) => oid);
}

describe('an empty dimension', () => {
  const ids = async () => (await sql()`select staff_id as id from dim_staff order by ctid`).map(({ id }) => id);
  const rows = (...ids: number[]) => ({ dim_staff: ids.map((staff_id) => ({ staff_id })) });

  test('gets the rows of the batch as they come, and a later batch compares its rows', async () => {
    expect(await warehouse.bring({ rows: rows(3, 1, 2) })).toMatchObject({ rows: 3 });
    expect(await ids()).toEqual([3, 1, 2]);
    expect(await warehouse.bring({ rows: rows(1, 4) })).toMatchObject({ rows: 1 });
  });

  test.each([[0], [25_000]])('gets one row for a key that comes twice, beside %i others', async (others) => {
    const twice = [...staff(1, others), { staff_id: 90_000 }, { staff_id: 90_000 }];
    expect(await warehouse.bring({ rows: { dim_staff: twice } })).toMatchObject({ rows: others + 1 });
    expect(await sql()`select from dim_staff`).toHaveLength(others + 1);
    expect(await warehouse.bring({ rows: { dim_staff: twice } })).toMatchObject({ rows: 0 });
  });
});

test('an empty dimension beside a fact with rows is filled while a report reads it, without a long wait', async () => {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: orders(1, 2) } });
  await sql().unsafe(`
    alter table fact_sales_order alter sales_staff_id drop not null;
    update fact_sales_order set sales_staff_id = null;
    delete from dim_staff`);
  await sql().begin(async (report) => {
    // Load waits for other locks up to a minute, and new readers wait behind it.
    await report`set local idle_in_transaction_session_timeout = '20s'`;
    await report`select count(*) from dim_staff`;
    expect(await warehouse.bring({ rows: { dim_staff: staff(1, 25_000) } })).toMatchObject({ rows: 25_000 });
  });
});

describe('a large first batch', () => {
  test('leaves keys and indexes as they were defined, and numbers the facts from 1', async () => {
    await warehouse.run();
    const before = await definitions();
    expect(await warehouse.bring({ rows: many })).toMatchObject({ held: 0, rows: 50_005 });
    expect(await definitions()).toEqual(before);
    expect(await warehouse.recordOrder()).toEqual(orders(1, 25_000).map(({ sales_order_id }) => sales_order_id));
    expect(await sql()`select min(sales_record_id), max(sales_record_id) from fact_sales_order`).toEqual([
      { min: 1, max: 25_000 },
    ]);
    await warehouse.bring({ rows: { fact_sales_order: [order(1, { units_sold: 9 })] } });
    expect(await sql()`select max(sales_record_id) from fact_sales_order`).toEqual([{ max: 25_001 }]);
  });

  test('that fails leaves the same keys and indexes, and the next run loads it', async () => {
    await warehouse.run();
    const names = ['fact_sales_order_pkey', 'fact_sales_order_latest', 'dim_staff_pkey'];
    const before = await objects(...names);
    await sql()`alter table fact_sales_order add constraint limited check (units_sold < 24000)`;
    const fact_sales_order = [...orders(1, 25_000), order(25_001, { units_sold: 24_000 })];
    await expect(warehouse.bring({ rows: { ...many, fact_sales_order } })).rejects.toMatchObject({
      code: 'WAREHOUSE_UNFIT',
    });
    expect(await objects(...names)).toEqual(before);
    expect(await warehouse.foreignKeys()).toBe(9);
    expect(await sql()`select from dim_staff`).toHaveLength(0);
    await sql()`alter table fact_sales_order drop constraint limited`;
    expect(await warehouse.run()).toMatchObject({ batches: [1], rows: 50_006 });
  });

  test('does not wait for a report that reads a dimension and a fact: both keep their indexes', async () => {
    await warehouse.run();
    const names = ['fact_sales_order_pkey', 'fact_sales_order_latest', 'dim_staff_pkey'];
    const before = await objects(...names);
    await sql().begin(async (report) => {
      await report`select count(*) from fact_sales_order, dim_staff`;
      expect(await warehouse.bring({ rows: many })).toMatchObject({ batches: [1], rows: 50_005 });
    });
    expect(await objects(...names)).toEqual(before);
    expect(await warehouse.foreignKeys()).toBe(9);
  });

  test('keeps an index that would not become the same again, or that a view depends on', async () => {
    await warehouse.run();
    await sql().unsafe(`
      create view by_order as select sales_record_id, units_sold from fact_sales_order group by sales_record_id;
      comment on index fact_sales_order_latest is 'ours';
      alter index dim_staff_pkey set (fillfactor = 70)`);
    const names = ['fact_sales_order_pkey', 'fact_sales_order_latest', 'dim_staff_pkey'];
    const [before, defined] = [await objects(...names), await definitions()];
    expect(await warehouse.bring({ rows: many })).toMatchObject({ rows: 50_005 });
    expect(await objects(...names)).toEqual(before);
    expect(await definitions()).toEqual(defined);
    expect(await sql()`select from by_order`).toHaveLength(25_000);
  });

  test('keeps a foreign key with a comment', async () => {
    await warehouse.run();
    const key = 'fact_sales_order_sales_staff_id_fkey';
    await sql().unsafe(`comment on constraint ${key} on fact_sales_order is 'ours'`);
    expect(await warehouse.bring({ rows: many })).toMatchObject({ rows: 50_005 });
    const comment = sql()`select obj_description(oid, 'pg_constraint') as text from pg_constraint where conname = ${key}`;
    expect(await comment).toEqual([{ text: 'ours' }]);
  });

  test('drops primary keys and the index of latest versions, and creates them again', async () => {
    await warehouse.run();
    const names = ['fact_sales_order_pkey', 'fact_sales_order_latest', 'dim_staff_pkey'];
    const before = await objects(...names);
    await warehouse.bring({ rows: many });
    for (const [i, oid] of (await objects(...names)).entries()) expect(oid).not.toBe(before[i]);
  });
});
