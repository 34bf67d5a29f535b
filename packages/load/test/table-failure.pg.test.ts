import { inspect } from 'node:util';
import { memoryStore, type Store } from '@totesys/lake';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { load } from '../src/load.ts';
import { type Row, writeBatch } from './processed-batch.ts';

let database: TestDatabase;
let warehouse: Sql;
let store: Store;

beforeEach(async () => {
  database = await createTestDatabase();
  warehouse = await connect(database.url, { subject: 'warehouse', connections: 3, applicationName: 'test' });
  store = memoryStore();
  await run();
});

afterEach(async () => {
  await warehouse.end();
  await database.drop();
});

const run = () =>
  load({
    model: totesysModel,
    warehouse,
    processed: store,
    telemetry: silentTelemetry,
    deadlineMs: Number.MAX_SAFE_INTEGER,
  });

const SECRET = 'a value that nobody may read';
const rows: Readonly<Record<string, readonly Row[]>> = {
  dim_date: [{ date_id: 1 }],
  dim_staff: [{ staff_id: 1 }],
  dim_location: [{ location_id: 1 }],
  dim_currency: [{ currency_id: 1 }],
  dim_design: [{ design_id: 1, design_name: SECRET }],
  dim_counterparty: [{ counterparty_id: 1 }],
  fact_sales_order: [{ sales_order_id: 1, unit_price: 150n }],
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
    `create unique index one_name on dim_design ((left(design_name, 1))); insert into dim_design values (9, '${SECRET}', 'x', 'x')`,
    /'public.dim_design'.*constraint 'one_name'/,
  ],
])(
  'a prepared table that does not take a row is named, with its rule and what to do: %s',
  async (statement, message) => {
    await database.sql.unsafe(statement);
    await writeBatch(store, 1, { rows });
    const failure = await run().catch((error) => error);
    expect(failure).toMatchObject({ code: 'WAREHOUSE_UNFIT', message: expect.stringMatching(message) });
    expect(failure.message).toMatch(/the next run goes on/);
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(SECRET);
  },
);

test('a lock that is not had in time is said of its table, with how long it was waited for and where to look', async () => {
  await database.sql.unsafe(TIMES_OUT.replace('RETURNS', 'trigger'));
  await database.sql`create trigger waits before insert on fact_sales_order execute function times_out()`;
  await writeBatch(store, 1, { rows });
  await expect(run()).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/^The load of batch 1 waited 60 s .*'public.fact_sales_order'.*pg_locks.*next run/),
  });
});

test('so is a lock that a migration does not get', async () => {
  await database.sql.unsafe('delete from etl.migration; drop view current_fact_sales_order cascade');
  await database.sql.unsafe(TIMES_OUT.replace('RETURNS', 'event_trigger'));
  await database.sql`create event trigger waits on ddl_command_start when tag in ('CREATE VIEW') execute function times_out()`;
  await expect(run()).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/migration waited 30 s .*'public.fact_.*pg_locks/),
  });
});

test.each([
  'alter table fact_sales_order add constraint one unique (sales_order_id)',
  'create unique index one on fact_sales_order (sales_order_id, last_updated_date) include (sales_record_id)',
])('a fact of which a row may have one version only is refused before anything is loaded: %s', async (statement) => {
  await database.sql.unsafe(`delete from etl.migration; ${statement}`);
  await expect(run()).rejects.toMatchObject({
    code: 'WAREHOUSE_UNFIT',
    message: expect.stringMatching(/fact_sales_order.*unique 'one'/),
  });
});

test('a unique index that tells versions apart is none of our business', async () => {
  await database.sql.unsafe(`delete from etl.migration; alter table fact_sales_order add their_id uuid default gen_random_uuid();
    create unique index theirs on fact_sales_order (sales_order_id, their_id);
    create unique index versions on fact_sales_order (sales_order_id, sales_record_id)`);
  expect(await run()).toMatchObject({ outcome: 'unchanged' });
});
