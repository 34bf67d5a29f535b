import { inspect } from 'node:util';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
  await warehouse.run();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const SECRET = 'a value that nobody may read';
const rows = {
  ...dimensions,
  dim_design: [{ design_id: 1, design_name: SECRET }],
  fact_sales_order: [order(1)],
};

// As the server does when it has waited for as long as it may.
const TIMES_OUT = `create function times_out() returns RETURNS language plpgsql as
  $$ begin raise exception 'canceling statement due to lock timeout' using errcode = '55P03'; end $$`;

test.each([
  [
    'alter table dim_design alter design_name type varchar(20)',
    /'public.dim_design'.*column 'design_name' is too short/,
  ],
  ["alter table dim_design add constraint short check (design_name < 'a')", /'public.dim_design'.*constraint 'short'/],
  [
    `create unique index one_name on dim_design ((left(design_name, 1)));
     insert into dim_design values (9, '${SECRET}', 'x', 'x')`,
    /'public.dim_design'.*constraint 'one_name'/,
  ],
])(
  'the error for a prepared table that rejects a row has its name, the constraint and the remedy: %s',
  async (statement, message) => {
    await sql().unsafe(statement);
    const failure = await warehouse.bring({ rows }).catch((error) => error);
    expect(failure).toMatchObject({ code: 'WAREHOUSE_UNFIT', message: expect.stringMatching(message) });
    expect(failure.message).toMatch(/the next run loads it/);
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(SECRET);
  },
);

test.each([
  ['drop table dim_design cascade', /'public.dim_design'.*: it no longer exists.*totesys rebuild/],
  [
    'alter table dim_design drop column file_name',
    /'public.dim_design'.*one of its columns no longer exists \(.*file_name.*rebuild/,
  ],
])('the error for a table or column that was dropped has its name and the remedy: %s', async (statement, message) => {
  await sql().unsafe(statement);
  await expect(warehouse.bring({ rows })).rejects.toMatchObject({
    code: 'WAREHOUSE_UNFIT',
    message: expect.stringMatching(message),
  });
});

test('the error for a lock has the table, the time waited and a query for its holder', async () => {
  await sql().unsafe(TIMES_OUT.replace('RETURNS', 'trigger'));
  await sql()`create trigger waits before insert on fact_sales_order execute function times_out()`;
  await expect(warehouse.bring({ rows })).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/^The load of batch 1 waited 60 s .*'public.fact_sales_order'.*pg_locks.*next run/),
  });
});

test('the error for a lock of a migration has the table, the time waited and the same query', async () => {
  await sql().unsafe('delete from etl.migration; drop table dim_design cascade');
  await sql().unsafe(TIMES_OUT.replace('RETURNS', 'event_trigger'));
  await sql()`create event trigger waits on ddl_command_start when tag in ('ALTER TABLE') execute function times_out()`;
  await expect(warehouse.run()).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/migration waited 0.2 s .*'public.fact_.*pg_locks/),
  });
});

test.each([
  'alter table fact_sales_order add constraint one unique (sales_order_id)',
  'create unique index one on fact_sales_order (sales_order_id, last_updated_date) include (sales_record_id)',
])('a fact that allows one version of each row is refused before anything is loaded: %s', async (statement) => {
  await sql().unsafe(`delete from etl.migration; ${statement}`);
  await expect(warehouse.run()).rejects.toMatchObject({
    code: 'WAREHOUSE_UNFIT',
    message: expect.stringMatching(/fact_sales_order.*unique 'one'/),
  });
});

test('a unique index that distinguishes versions is accepted', async () => {
  await sql().unsafe(`delete from etl.migration;
    alter table fact_sales_order add their_id uuid default gen_random_uuid();
    create unique index theirs on fact_sales_order (sales_order_id, their_id);
    create unique index versions on fact_sales_order (sales_order_id, sales_record_id)`);
  expect(await warehouse.run()).toMatchObject({ outcome: 'unchanged' });
});
