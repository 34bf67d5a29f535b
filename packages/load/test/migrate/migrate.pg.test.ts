import { describeWarehouse, WAREHOUSE } from '../designed-warehouse.ts';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;

test('an empty database gets exactly the tables of the design', async () => {
  await warehouse.run();
  expect(await describeWarehouse(warehouse.database)).toEqual(WAREHOUSE);
  const keys =
    await sql()`select conrelid::regclass::text as table, pg_get_constraintdef(oid) as definition from pg_constraint
    where contype = 'p' and connamespace = 'public'::regnamespace`;
  for (const [table, [first]] of Object.entries(WAREHOUSE)) {
    expect(keys).toContainEqual({ table, definition: `PRIMARY KEY (${first!.split(' ')[0]})` });
  }
});

test('views have every column of their fact, and one has the name in the diagram', async () => {
  await warehouse.run();
  const views = await sql()`select viewname as name from pg_views where schemaname = 'public' order by 1`;
  expect(views.map(({ name }) => name)).toEqual([
    'current_fact_payment',
    'current_fact_purchase_orders',
    'current_fact_sales_order',
    'fact_purchase_order',
  ]);
  for (const [view, table] of [
    ['current_fact_payment', 'fact_payment'],
    ['fact_purchase_order', 'fact_purchase_orders'],
  ] as const) {
    const columns = (name: string) =>
      sql()`select column_name from information_schema.columns where table_name = ${name} order by ordinal_position`;
    expect([...(await columns(view))]).toEqual([...(await columns(table))]);
  }
});

test('a second or a concurrent run changes nothing, even if transactions are serializable by default', async () => {
  const [database] = await sql()`select current_database() as name`;
  await sql().unsafe(`alter database ${database!.name} set default_transaction_isolation = 'serializable'`);
  const [one, other] = [await warehouse.connect(), await warehouse.connect()];
  await Promise.all([warehouse.run({ warehouse: one }), warehouse.run({ warehouse: other })]);
  const before =
    await sql()`select oid, xmin::text from pg_class where relnamespace = 'public'::regnamespace order by oid`;
  await warehouse.run();
  expect([
    ...(await sql()`select oid, xmin::text from pg_class where relnamespace = 'public'::regnamespace order by oid`),
  ]).toEqual([...before]);
});

test('an older ledger gets its newest column, and later migrations block no reader', async () => {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1), order(2)] } });
  await sql().unsafe(
    'alter table etl.ledger drop column last_record_ids; drop table etl.comment; delete from etl.migration',
  );
  await warehouse.bring({ rows: { fact_sales_order: [order(1, { units_sold: 4 })] } });
  const ids = await sql()`select last_record_ids as ids from etl.ledger order by batch`;
  expect(ids.map(({ ids }) => ids)).toEqual([
    { fact_sales_order: 2, fact_purchase_orders: null, fact_payment: null },
    { fact_sales_order: 3, fact_purchase_orders: null, fact_payment: null },
  ]);
  await sql()`delete from etl.migration`;
  await sql().begin(async (reader) => {
    await reader`lock table etl.ledger in access share mode`;
    expect(await warehouse.run()).toMatchObject({ outcome: 'unchanged' });
  });
});

// Every migrated warehouse has this hash. Another one makes each of them run its DDL again, with rights that the role
// of load may have lost since: change it only with the DDL, never with its layout.
test('the statements of the migration are those of warehouses that exist', async () => {
  await warehouse.run();
  const migrations = await sql()`select model_sha256 from etl.migration`;
  expect(migrations.map(({ model_sha256 }) => model_sha256)).toContain(
    'c47ab8118c41e21fbbf418426bc2f98537c17d17022306913c2c0fc7d8c76e7f',
  );
});
