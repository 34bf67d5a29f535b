import { factsOf, totesysModel } from '@totesys/schema';
import { withoutForeignKeys } from '../../src/merge/without-foreign-keys.ts';
import { describeWarehouse, WAREHOUSE } from '../designed-warehouse.ts';
import { createLoadedWarehouse, type LoadedWarehouse } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;

// Creates a payment fact by hand, with the given column of record ids.
function prepared(recordId: string): string {
  const columns = WAREHOUSE.fact_payment!.slice(1).map((column) => `${column.split(' → ')[0]} not null`);
  return `create table fact_payment (${[recordId, ...columns].join(', ')})`;
}

describe('a prepared warehouse', () => {
  test('keeps its foreign keys as they are, and its columns become not null', async () => {
    await sql().unsafe(
      'create table dim_currency (currency_id int primary key, currency_code varchar, currency_name varchar)',
    );
    await sql().unsafe(`${prepared('payment_record_id serial primary key')};
      alter table fact_payment
        add constraint theirs foreign key (currency_id) references dim_currency on update cascade`);
    await warehouse.run();
    expect(await describeWarehouse(warehouse.database)).toEqual(WAREHOUSE);
    await sql()`insert into dim_currency values (1, 'GBP', 'x')`;
    const fact = factsOf(totesysModel).find(({ name }) => name === 'fact_payment')!;
    await warehouse.sql.begin(async (sql) =>
      withoutForeignKeys(sql, totesysModel, fact, async () => {
        expect(
          await sql`select from pg_constraint where conrelid = 'fact_payment'::regclass and contype = 'f'`,
        ).toHaveLength(0);
      }),
    );
    expect(await describeWarehouse(warehouse.database)).toEqual(WAREHOUSE);
    const [theirs] =
      await sql()`select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'theirs'`;
    expect(theirs!.definition).toContain('ON UPDATE CASCADE');
  });

  test('is accepted and completed', async () => {
    await sql().unsafe(`
      create table dim_currency (
        currency_id int not null, currency_code text not null, currency_name varchar(80) not null, note text);
      create table dim_date (
        date_id date primary key, year int not null, month int not null, day int not null, day_of_week int not null,
        day_name varchar not null, month_name varchar not null, quarter int not null)`);
    await warehouse.run();
    const tables = await describeWarehouse(warehouse.database);
    expect(tables.fact_payment).toEqual(WAREHOUSE.fact_payment);
    expect(tables.dim_currency).toContain('note text?');
    const keys = await sql()`select from pg_constraint where contype = 'p' and conrelid = 'dim_currency'::regclass`;
    expect(keys).toHaveLength(1);
  });

  test.each([
    [
      'create table dim_currency (currency_id bigint primary key, currency_code text, currency_name text)',
      "'currency_id' has another type",
    ],
    [
      `create table dim_currency (currency_id int primary key, currency_code text);
       insert into dim_currency values (1, $$GBP$$)`,
      "'currency_name' is missing",
    ],
    [
      `create table dim_transaction (
         transaction_id int primary key, transaction_type text, sales_order_id int not null, purchase_order_id int)`,
      'does not accept nulls',
    ],
    [
      'create table dim_currency (currency_id int, currency_code text primary key, currency_name text)',
      'it has another primary key',
    ],
    [
      `create table dim_currency (
         currency_id int primary key, currency_code text, currency_name text, extra int not null)`,
      "'extra' is not in the model",
    ],
    [
      `create table dim_currency (currency_id int primary key, currency_code text, currency_name text);
       insert into dim_currency values (1)`,
      "'currency_code' has nulls",
    ],
    ['create view dim_currency as select 1 as currency_id', 'expected a table, got a view'],
    ['create materialized view dim_currency as select 1 as currency_id', 'expected a table, got a materialized view'],
    [
      'create table dim_currency (currency_id integer) partition by hash (currency_id)',
      'expected a table, got a partitioned table',
    ],
    [prepared('payment_record_id bigserial primary key'), "'payment_record_id' has another type"],
    [prepared('payment_record_id int primary key'), "'payment_record_id' has no sequence"],
    ['create table fact_purchase_order (id int)', 'should be a view'],
    ['create view current_fact_payment as select 1 as strange', "has a column 'strange'"],
    ["create view current_fact_payment as select 'a' as payment_id", 'cannot be replaced'],
  ])('is refused with the reason: %s', async (statement, fault) => {
    await sql().unsafe(statement);
    await expect(warehouse.run()).rejects.toMatchObject({
      code: 'WAREHOUSE_UNFIT',
      message: expect.stringContaining(fault),
    });
    expect(await sql()`select from pg_namespace where nspname = 'etl'`).toHaveLength(0);
  });

  test.each(['increment 2', 'cache 10', 'cycle'])(
    'a sequence with %s is refused: record ids must rise in load order',
    async (option) => {
      await warehouse.run();
      await sql().unsafe(`alter sequence fact_payment_payment_record_id_seq ${option}; delete from etl.migration`);
      await expect(warehouse.run()).rejects.toMatchObject({
        code: 'WAREHOUSE_UNFIT',
        message: expect.stringContaining('sequence'),
      });
    },
  );
});
