import { connect, type Sql } from '@totesys/runtime';
import { createTestRole, populate, type TestRole } from '@totesys/sandbox';
import { totesys } from '../built-command.ts';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;

/** Two runs with a change, a deletion and a new version between them. */
async function live(): Promise<void> {
  await pipeline.run();
  await source()`update sales_order set units_sold = 1 where sales_order_id = 3`;
  await source()`update department set location = 'York' where department_id = 2`;
  await source()`delete from payment where payment_id = 4`;
  await pipeline.run();
  await expectEqual(pipeline, { deletes: true });
  expect(await warehouse()`select from fact_sales_order where sales_order_id = 3`).toHaveLength(2);
}

test('a warehouse prepared by hand, with names and columns of its own, is filled and keeps them', async () => {
  await warehouse().unsafe(`
    create table dim_date (date_id date primary key, year int not null, month int not null, day int not null, day_of_week int not null,
      day_name varchar not null, month_name varchar not null, quarter int not null, is_holiday boolean not null default false);
    create table dim_staff (staff_id int primary key, first_name varchar not null, last_name varchar not null, department_name varchar not null,
      location varchar not null, email_address varchar not null, note text);
    create table dim_currency (currency_name varchar not null, currency_code varchar(3) not null, currency_id int primary key);
    create table dim_payment_type (payment_type_id int, payment_type_name text);
    create table fact_sales_order (loaded_at timestamptz not null default now(), sales_record_id serial primary key, sales_order_id int not null,
      created_date date not null references dim_date, created_time time not null, last_updated_date date not null references dim_date,
      last_updated_time time not null, sales_staff_id int not null references dim_staff (staff_id), counterparty_id int not null, units_sold int not null,
      unit_price numeric(12, 4) not null, currency_id int not null constraint theirs references dim_currency on update cascade, design_id int not null,
      agreed_payment_date date not null, agreed_delivery_date date not null, agreed_delivery_location_id int not null);
    create index theirs_by_date on fact_sales_order (created_date);
    create view their_report as select sales_order_id, unit_price from fact_sales_order;
    create table their_own (id int)`);
  await pipeline.run();
  await warehouse()`update dim_staff set note = 'theirs' where staff_id = 1`;
  await warehouse()`update dim_date set is_holiday = true where day = 25 and month = 12`;
  await source()`update sales_order set units_sold = 1 where sales_order_id = 3`;
  await source()`update staff set first_name = 'x' where staff_id = 1`;
  await source()`update sales_order set agreed_delivery_date = '2031-12-25' where sales_order_id = 5`;
  await pipeline.run();
  const cents = 'unit_price::numeric(10,2)::text';
  const prices = await warehouse().unsafe(`select sales_order_id, ${cents} from current_fact_sales_order order by 1`);
  expect(prices).toEqual(await source()`select sales_order_id, unit_price::text from sales_order order by 1`);
  expect(await warehouse()`select note, first_name from dim_staff where staff_id = 1`).toEqual([
    { note: 'theirs', first_name: 'x' },
  ]);
  expect(await warehouse()`select from dim_date where is_holiday and year < 2031`).not.toHaveLength(0);
  expect(await warehouse()`select from their_report where sales_order_id = 3`).toHaveLength(2);
  expect(await warehouse()`select from fact_sales_order where loaded_at is null`).toHaveLength(0);
});

test('facts without their ledger are not loaded again, and reconcile names them; the owner alone may adopt them', async () => {
  await live();
  await source()`update sales_order set units_sold = 77 where sales_order_id = 3`;
  await pipeline.run();
  await warehouse()`drop schema etl cascade`;
  const versions = () => warehouse()`select from fact_sales_order where sales_order_id = 3`;
  const places = { WAREHOUSE_URL: pipeline.warehouse.url, LAKE: pipeline.lake };
  expect(await totesys(['load', '--json'], places)).toMatchObject({
    code: 1,
    json: { error: { code: 'WAREHOUSE_NOT_EMPTY', message: expect.stringContaining('totesys load --adopt') } },
  });
  expect(await versions()).toHaveLength(3);
  const { code, json } = await totesys(['reconcile', '--only', 'history', '--json'], places);
  expect({ code, history: json.history }).toMatchObject({ code: 1, history: { faults: 3 } });
  expect(await totesys(['load', '--adopt', '--json'], places)).toMatchObject({
    code: 0,
    json: { outcome: 'loaded', adopted: { fact_sales_order: 42, fact_payment: expect.any(Number) } },
  });
});

test.each([
  ['its own schema and a dimension', 'drop schema etl cascade; drop table dim_design cascade'],
  ['a fact with its views', 'drop table fact_payment cascade; drop view current_fact_sales_order'],
  [
    'keys, an index and one of its own tables',
    `alter table fact_sales_order drop constraint fact_sales_order_currency_id_fkey; drop table etl.held;
      alter table dim_staff drop constraint dim_staff_pkey cascade; drop index fact_payment_latest; alter table dim_staff alter email_address drop not null`,
  ],
])('a warehouse that was migrated but for %s is brought to its end, then filled', async (_what, statements) => {
  await pipeline.transformAndLoad();
  await warehouse().unsafe(`${statements}; ${statements.includes('schema etl') ? '' : 'delete from etl.migration'}`);
  await live();
});

describe('a warehouse user who may not create schemas', () => {
  let role: TestRole;
  let limited: Sql;

  beforeEach(async () => {
    role = await createTestRole(pipeline.warehouse, (name) => `grant create, usage on schema public to ${name}`);
    limited = await connect(role.url, { subject: 'warehouse', connections: 2, applicationName: 'test' });
  });

  afterEach(async () => {
    await limited.end({ timeout: 5 });
    await role.drop();
  });

  test('gets an error that names the missing right and who can grant it, and nothing is created', async () => {
    pipeline.loadAs(limited);
    await expect(pipeline.transformAndLoad()).rejects.toMatchObject({
      code: 'WAREHOUSE_FORBIDDEN',
      message: expect.stringContaining(`create schema etl authorization ${role.name}`),
    });
    expect(await warehouse()`select from pg_class where relnamespace = 'public'::regnamespace`).toHaveLength(0);
  });

  test('loads everything once the schema exists', async () => {
    await warehouse().unsafe(`create schema etl authorization ${role.name}`);
    pipeline.loadAs(limited);
    await live();
    const owners = await warehouse()`select distinct tableowner from pg_tables where schemaname in ('public', 'etl')`;
    expect(owners).toEqual([{ tableowner: role.name }]);
  });
});
