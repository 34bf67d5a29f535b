import { silentTelemetry } from '@totesys/runtime';
import { createTestRole, type TestDatabase } from '@totesys/sandbox';
import { type Dimension, describeWarehouse, type Model, totesysModel } from '@totesys/schema';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;

// The comments on all tables, views and columns; null for one without a comment.
async function commentsOf({ sql }: TestDatabase): Promise<Record<string, string | null>> {
  const rows = await sql`
    select c.relnamespace::regnamespace || '.' || c.relname || coalesce('.' || a.attname, '') as name,
           d.description as said
      from pg_class c
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = c.oid and d.objsubid = a.attnum
     where c.relnamespace in ('public'::regnamespace, 'etl'::regnamespace) and c.relkind in ('r', 'v')
     union all
    select c.relnamespace::regnamespace || '.' || c.relname, obj_description(c.oid, 'pg_class')
      from pg_class c
     where c.relnamespace in ('public'::regnamespace, 'etl'::regnamespace) and c.relkind in ('r', 'v')`;
  return Object.fromEntries(rows.map(({ name, said }) => [name, said]));
}

// The model with another description of currency codes.
function reworded(about: string): Model {
  const warehouse = totesysModel.warehouse.map((table) =>
    table.name !== 'dim_currency'
      ? table
      : {
          ...(table as Dimension),
          columns: (table as Dimension).columns.map((column) =>
            column.name === 'currency_code' ? { ...column, about } : column,
          ),
        },
  );
  return { ...totesysModel, warehouse };
}

// Telemetry that collects a run's warnings.
const listening = (warnings: string[]) => ({ ...silentTelemetry, warn: (event: string) => void warnings.push(event) });

test('every table, view and column has the description of the data dictionary as its comment', async () => {
  await warehouse.run();
  const said = await commentsOf(warehouse.database);
  expect(Object.entries(said).filter(([, comment]) => !comment)).toEqual([]);
  expect(said).toMatchObject({
    'public.dim_date.day_of_week': 'Its day of the week by ISO 8601: 1 is Monday, 7 is Sunday.',
    'public.dim_staff.location':
      "The location of that department. 'Unknown' if the source has none. " +
      'From department.location by staff.department_id.',
    'public.current_fact_sales_order.sales_staff_id':
      'The member of staff who is responsible for the order. Refers to dim_staff. From sales_order.staff_id.',
    'etl.deletion.restored_batch': 'The batch in which the row reappeared; null while it is deleted.',
  });
  const described = describeWarehouse(totesysModel);
  expect(Object.keys(said)).toHaveLength(described.reduce((sum, { columns }) => sum + 1 + columns.length, 0));
});

test('a run that finds all comments written writes nothing and locks nothing', async () => {
  await warehouse.run();
  const state = () => sql()`
    select (select jsonb_agg(to_jsonb(d) || jsonb_build_object('xmin', d.xmin::text)) from pg_description d
             where d.classoid = 'pg_class'::regclass and d.objoid >= 16384)::text as descriptions,
           (select jsonb_agg(c.xmin::text) from etl.comment c)::text as comments,
           (select jsonb_agg(m.xmin::text) from etl.migration m)::text as migrations`;
  const before = await state();
  const warnings: string[] = [];
  await sql().begin(async (holder) => {
    await holder`lock table fact_sales_order, dim_date, etl.comment in access exclusive mode`;
    expect(await warehouse.run({ telemetry: listening(warnings) })).toMatchObject({ outcome: 'unchanged' });
  });
  expect(warnings).toEqual([]);
  expect([...(await state())]).toEqual([...before]);
});

test('a new description replaces the comments that load wrote, and no others', async () => {
  await warehouse.run();
  await sql()`comment on column dim_currency.currency_name is 'theirs'`;
  await sql()`comment on table dim_currency is 'theirs, too'`;
  const about = `Three letters: '£' \\ "x" %s $1; drop table dim_currency;`;
  await warehouse.run({ model: reworded(about) });
  expect(await commentsOf(warehouse.database)).toMatchObject({
    'public.dim_currency': 'theirs, too',
    'public.dim_currency.currency_name': 'theirs',
    'public.dim_currency.currency_code': `${about} From currency.currency_code.`,
  });
  await sql()`comment on column dim_currency.currency_code is 'theirs as well'`;
  await warehouse.run({ model: reworded('Other words.') });
  expect(await commentsOf(warehouse.database)).toMatchObject({
    'public.dim_currency.currency_code': 'theirs as well',
  });
});

test('a locked table does not delay the load, and the next run writes its comments', async () => {
  await warehouse.run();
  const warnings: string[] = [];
  await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
  await sql().begin(async (holder) => {
    // The lock of CREATE INDEX CONCURRENTLY, which blocks neither readers nor writers.
    await holder`lock table dim_currency in share update exclusive mode`;
    expect(await warehouse.run({ model: reworded('Other words.'), telemetry: listening(warnings) })).toMatchObject({
      batches: [1],
    });
  });
  expect(warnings).toEqual(['comments:postponed']);
  await warehouse.run({ model: reworded('Other words.') });
  expect((await commentsOf(warehouse.database))['public.dim_currency.currency_code']).toMatch(/^Other words\./);
});

test('a table of another owner stays as it is, and the load goes on', async () => {
  const database = new URL(warehouse.database.url).pathname.slice(1);
  const owner = await createTestRole(warehouse.database, (name) => `alter database ${database} owner to ${name}`);
  try {
    await sql().unsafe(`create table dim_design (design_id int primary key, design_name varchar not null,
      file_location varchar not null, file_name varchar not null);
      grant select, insert, update, references on dim_design to ${owner.name}`);
    await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
    const result = await warehouse.run({ warehouse: await warehouse.connect(owner) });
    expect(result).toMatchObject({ outcome: 'loaded', batches: [1] });
    const silent = Object.entries(await commentsOf(warehouse.database)).filter(([, said]) => said === null);
    const columns = ['design_id', 'design_name', 'file_location', 'file_name'].map((column) => `.${column}`);
    expect(silent.map(([name]) => name).sort()).toEqual(['', ...columns].map((column) => `public.dim_design${column}`));
  } finally {
    await owner.drop();
  }
});
