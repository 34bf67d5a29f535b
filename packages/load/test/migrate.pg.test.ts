import { memoryStore } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { type Fact, factsOf, type Model, totesysModel } from '@totesys/schema';
import { withoutForeignKeys } from '../src/foreign-keys.ts';
import { load } from '../src/load.ts';

let database: TestDatabase;
let warehouse: Sql;

beforeEach(async () => {
  database = await createTestDatabase();
  warehouse = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
});

afterEach(async () => {
  await warehouse.end();
  await database.drop();
});

const run = (sql: Sql = warehouse, model: Model = totesysModel) =>
  load({ model, warehouse: sql, processed: memoryStore(), telemetry: silentTelemetry, deadlineMs: 0 });

// By hand, from the design: a column is `name type`, nullable with a question mark, → its foreign key.
const STAMPS = [
  'created_date date → dim_date',
  'created_time time without time zone',
  'last_updated_date date → dim_date',
  'last_updated_time time without time zone',
];
const WAREHOUSE: Readonly<Record<string, readonly string[]>> = {
  dim_date: [
    'date_id date',
    ...['year', 'month', 'day', 'day_of_week'].map((name) => `${name} integer`),
    'day_name character varying',
    'month_name character varying',
    'quarter integer',
  ],
  dim_staff: [
    'staff_id integer',
    ...['first_name', 'last_name', 'department_name', 'location', 'email_address'].map(
      (name) => `${name} character varying`,
    ),
  ],
  dim_location: [
    'location_id integer',
    'address_line_1 character varying',
    'address_line_2 character varying?',
    'district character varying?',
    ...['city', 'postal_code', 'country', 'phone'].map((name) => `${name} character varying`),
  ],
  dim_currency: ['currency_id integer', 'currency_code character varying', 'currency_name character varying'],
  dim_design: [
    'design_id integer',
    ...['design_name', 'file_location', 'file_name'].map((name) => `${name} character varying`),
  ],
  dim_counterparty: [
    'counterparty_id integer',
    'counterparty_legal_name character varying',
    'counterparty_legal_address_line_1 character varying',
    'counterparty_legal_address_line_2 character varying?',
    'counterparty_legal_district character varying?',
    'counterparty_legal_city character varying',
    'counterparty_legal_postal_code character varying',
    'counterparty_legal_country character varying',
    'counterparty_legal_phone_number character varying',
  ],
  dim_transaction: [
    'transaction_id integer',
    'transaction_type character varying',
    'sales_order_id integer?',
    'purchase_order_id integer?',
  ],
  dim_payment_type: ['payment_type_id integer', 'payment_type_name character varying'],
  fact_sales_order: [
    'sales_record_id integer',
    'sales_order_id integer',
    ...STAMPS,
    'sales_staff_id integer → dim_staff',
    'counterparty_id integer → dim_counterparty',
    'units_sold integer',
    'unit_price numeric(10,2)',
    'currency_id integer → dim_currency',
    'design_id integer → dim_design',
    'agreed_payment_date date → dim_date',
    'agreed_delivery_date date → dim_date',
    'agreed_delivery_location_id integer → dim_location',
  ],
  fact_purchase_orders: [
    'purchase_record_id integer',
    'purchase_order_id integer',
    ...STAMPS,
    'staff_id integer → dim_staff',
    'counterparty_id integer → dim_counterparty',
    'item_code character varying',
    'item_quantity integer',
    'item_unit_price numeric',
    'currency_id integer → dim_currency',
    'agreed_delivery_date date → dim_date',
    'agreed_payment_date date → dim_date',
    'agreed_delivery_location_id integer → dim_location',
  ],
  fact_payment: [
    'payment_record_id integer',
    'payment_id integer',
    ...STAMPS,
    'transaction_id integer → dim_transaction',
    'counterparty_id integer → dim_counterparty',
    'payment_amount numeric',
    'currency_id integer → dim_currency',
    'payment_type_id integer → dim_payment_type',
    'paid boolean',
    'payment_date date → dim_date',
  ],
};

async function describeWarehouse(): Promise<Record<string, string[]>> {
  const rows = await database.sql`
    select c.relname as table, a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then '' else '?' end
           || coalesce(' → ' || (select r.relname from pg_constraint k join pg_class r on r.oid = k.confrelid
                                  where k.contype = 'f' and k.conrelid = c.oid and k.conkey = array[a.attnum]), '') as column
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by c.relname, a.attnum`;
  const tables: Record<string, string[]> = {};
  for (const { table, column } of rows) {
    tables[table] ??= [];
    tables[table].push(column);
  }
  return tables;
}

test('an empty database gets exactly the tables of the design', async () => {
  await run();
  expect(await describeWarehouse()).toEqual(WAREHOUSE);
  const keys =
    await database.sql`select conrelid::regclass::text as table, pg_get_constraintdef(oid) as definition from pg_constraint
    where contype = 'p' and connamespace = 'public'::regnamespace`;
  for (const [table, [first]] of Object.entries(WAREHOUSE)) {
    expect(keys).toContainEqual({ table, definition: `PRIMARY KEY (${first!.split(' ')[0]})` });
  }
});

test('views give every column of a fact, and the diagram’s name of one', async () => {
  await run();
  const views = await database.sql`select viewname as name from pg_views where schemaname = 'public' order by 1`;
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
      database.sql`select column_name from information_schema.columns where table_name = ${name} order by ordinal_position`;
    expect([...(await columns(view))]).toEqual([...(await columns(table))]);
  }
});

test('a second run, and two first runs at once, change nothing', async () => {
  const other = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
  await Promise.all([run(), run(other)]);
  await other.end();
  const before =
    await database.sql`select oid, xmin::text from pg_class where relnamespace = 'public'::regnamespace order by oid`;
  await run();
  expect([
    ...(await database.sql`select oid, xmin::text from pg_class where relnamespace = 'public'::regnamespace order by oid`),
  ]).toEqual([...before]);
});

test('an owner who is no superuser can do it all', async () => {
  const name = `owner_${process.pid}_${Date.now()}`;
  await database.sql.unsafe(
    `create role ${name} login password 'x'; alter database ${new URL(database.url).pathname.slice(1)} owner to ${name}`,
  );
  const url = new URL(database.url);
  url.username = name;
  url.password = 'x';
  const owner = await connect(url.href, { subject: 'warehouse', connections: 2, applicationName: 'test' });
  await run(owner);
  await owner.end();
  expect(await describeWarehouse()).toEqual(WAREHOUSE);
  await database.sql.unsafe(`reassign owned by ${name} to postgres; drop owned by ${name}; drop role ${name}`);
});

// A payment fact that somebody made by hand, beside its record id.
function prepared(recordId: string): string {
  const columns = WAREHOUSE.fact_payment!.slice(1).map((column) => `${column.split(' → ')[0]} not null`);
  return `create table fact_payment (${[recordId, ...columns].join(', ')})`;
}

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
  test('brings a warehouse along that is in use, with what others built on its views', async () => {
    await run();
    await database.sql`create view report as select payment_id, paid from current_fact_payment`;
    await run(warehouse, grown(true));
    const tables = await describeWarehouse();
    expect(tables.dim_shop).toEqual(['shop_id integer', 'note character varying?']);
    expect(tables.fact_payment).toEqual([...WAREHOUSE.fact_payment!, 'note character varying?']);
    expect(await database.sql`select note from current_fact_payment`).toHaveLength(0);
    expect(await database.sql`select from report`).toHaveLength(0);
    await run();
    await run(warehouse, grown(true));
  });

  test('is refused where rows would lack a value that must be there', async () => {
    await run();
    await run(warehouse, grown(false));
    expect((await describeWarehouse()).fact_payment).toContain('note character varying');
    await database.sql`alter table fact_payment drop column note cascade`;
    await database.sql`delete from etl.migration`;
    for (const {
      definition,
    } of await database.sql`select format('alter table fact_payment drop constraint %I', conname) as definition
        from pg_constraint where conrelid = 'fact_payment'::regclass and contype = 'f'`)
      await database.sql.unsafe(definition);
    await database.sql`insert into fact_payment select 1, 1, now(), now(), now(), now(), 1, 1, 1, 1, 1, true, now()`;
    await expect(run(warehouse, grown(false))).rejects.toMatchObject({
      code: 'WAREHOUSE_UNFIT',
      message: expect.stringContaining("column 'note' is missing and the table has rows"),
    });
  });
});

describe('a warehouse that somebody prepared', () => {
  test('has its foreign keys kept as they are, and its columns closed', async () => {
    await database.sql.unsafe(
      'create table dim_currency (currency_id int primary key, currency_code varchar, currency_name varchar)',
    );
    await database.sql.unsafe(`${prepared('payment_record_id serial primary key')};
      alter table fact_payment add constraint theirs foreign key (currency_id) references dim_currency on update cascade`);
    await run();
    expect(await describeWarehouse()).toEqual(WAREHOUSE);
    await database.sql`insert into dim_currency values (1, 'GBP', 'x')`;
    const fact = factsOf(totesysModel).find(({ name }) => name === 'fact_payment')!;
    await warehouse.begin(async (sql) =>
      withoutForeignKeys(sql, totesysModel, fact, async () => {
        expect(
          await sql`select from pg_constraint where conrelid = 'fact_payment'::regclass and contype = 'f'`,
        ).toHaveLength(0);
      }),
    );
    expect(await describeWarehouse()).toEqual(WAREHOUSE);
    const [theirs] =
      await database.sql`select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'theirs'`;
    expect(theirs!.definition).toContain('ON UPDATE CASCADE');
  });

  test('is accepted, and gets what it lacks', async () => {
    await database.sql.unsafe(`
      create table dim_currency (currency_id int not null, currency_code text not null, currency_name varchar(80) not null, note text);
      create table dim_date (date_id date primary key, year int not null, month int not null, day int not null, day_of_week int not null,
        day_name varchar not null, month_name varchar not null, quarter int not null)`);
    await run();
    const tables = await describeWarehouse();
    expect(tables.fact_payment).toEqual(WAREHOUSE.fact_payment);
    expect(tables.dim_currency).toContain('note text?');
    const keys =
      await database.sql`select from pg_constraint where contype = 'p' and conrelid = 'dim_currency'::regclass`;
    expect(keys).toHaveLength(1);
  });

  test.each([
    [
      'create table dim_currency (currency_id bigint primary key, currency_code text, currency_name text)',
      "'currency_id' has another type",
    ],
    [
      'create table dim_currency (currency_id int primary key, currency_code text); insert into dim_currency values (1, $$GBP$$)',
      "'currency_name' is missing",
    ],
    [
      'create table dim_transaction (transaction_id int primary key, transaction_type text, sales_order_id int not null, purchase_order_id int)',
      'must not be null',
    ],
    [
      'create table dim_currency (currency_id int, currency_code text primary key, currency_name text)',
      'primary key is another',
    ],
    [
      'create table dim_currency (currency_id int primary key, currency_code text, currency_name text, extra int not null)',
      "'extra' is not the model's",
    ],
    [
      'create table dim_currency (currency_id int primary key, currency_code text, currency_name text); insert into dim_currency values (1)',
      "'currency_code' has nulls",
    ],
    ['create view dim_currency as select 1 as currency_id', 'it is no plain table'],
    [prepared('payment_record_id bigserial primary key'), "'payment_record_id' has another type"],
    [prepared('payment_record_id int primary key'), "'payment_record_id' has no sequence"],
    ['create table fact_purchase_order (id int)', 'should be a view'],
    ['create view current_fact_payment as select 1 as strange', "shows a column 'strange'"],
    ["create view current_fact_payment as select 'a' as payment_id", 'cannot be replaced'],
  ])('%s: is refused, saying why', async (statement, fault) => {
    await database.sql.unsafe(statement);
    await expect(run()).rejects.toMatchObject({ code: 'WAREHOUSE_UNFIT', message: expect.stringContaining(fault) });
    expect(await database.sql`select from pg_namespace where nspname = 'etl'`).toHaveLength(0);
  });

  test.each(['increment 2', 'cache 10', 'cycle'])(
    'a sequence with %s is refused: record ids must rise with the order of loading',
    async (option) => {
      await run();
      await database.sql.unsafe(
        `alter sequence fact_payment_payment_record_id_seq ${option}; delete from etl.migration`,
      );
      await expect(run()).rejects.toMatchObject({
        code: 'WAREHOUSE_UNFIT',
        message: expect.stringContaining('sequence'),
      });
    },
  );
});
