import { silentTelemetry } from '@totesys/runtime';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order, orders } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;
let warnings: [string, unknown][];

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
  warnings = [];
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: orders(1, 20) } });
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const telemetry = {
  ...silentTelemetry,
  warn: (event: string, fields?: object) => void warnings.push([event, fields]),
};

/** Has a report read all views of facts in a transaction that stays open during the work. */
async function duringReport(work: () => Promise<void>): Promise<void> {
  await sql().begin(async (report) => {
    for (const view of ['current_fact_sales_order', 'current_fact_payment', 'fact_purchase_order']) {
      await report.unsafe(`select count(*) from ${view}`);
    }
    await work();
  });
}

/** The catalog's entries of the tables, views and indexes: equal means that no migration changed them. */
async function relations(): Promise<unknown[]> {
  return [
    ...(await sql()`
      select c.oid::regclass::text as name, c.xmin::text, r.xmin::text as rule
        from pg_class c left join pg_rewrite r on r.ev_class = c.oid
       where c.relnamespace in ('public'::regnamespace, 'etl'::regnamespace) and c.relkind in ('r', 'v', 'i')
       order by 1`),
  ];
}

/** Fails unless a reader of the view gets its rows without waiting for a lock. */
async function readAtOnce(): Promise<number> {
  return sql().begin(async (reader) => {
    await reader`set local lock_timeout = '1ms'`;
    return (await reader`select from current_fact_sales_order`).length;
  });
}

test('a migration that changes nothing takes no lock from readers: an open report delays nothing', async () => {
  await sql()`delete from etl.migration`;
  const before = await relations();
  await duringReport(async () => {
    await warehouse.write({ rows: { fact_sales_order: [order(21)] } });
    expect(await warehouse.run({ telemetry })).toMatchObject({ outcome: 'loaded', batches: [2] });
    expect(await readAtOnce()).toBe(21);
  });
  expect(warnings).toEqual([]);
  expect(await relations()).toEqual(before);
});

test('a view that was changed by hand is replaced once it has no readers, and loads go on until then', async () => {
  const [declared] = await sql()`select pg_get_viewdef('current_fact_sales_order'::regclass) as definition`;
  const [shown] = await sql()`
    select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
     where attrelid = 'current_fact_sales_order'::regclass and attnum > 0`;
  await sql().unsafe(`create or replace view current_fact_sales_order as
    select ${shown!.columns} from fact_sales_order where sales_order_id > 5; delete from etl.migration`);
  await duringReport(async () => {
    await warehouse.write({ rows: { fact_sales_order: [order(21)] } });
    expect(await warehouse.run({ telemetry })).toMatchObject({ outcome: 'loaded', batches: [2] });
    expect(await readAtOnce()).toBe(16);
  });
  expect(warnings).toEqual([
    ['migration:postponed', { relations: ['public.current_fact_sales_order'], lockTimeoutMs: 200 }],
  ]);
  expect(await warehouse.run({ telemetry })).toMatchObject({ outcome: 'unchanged' });
  expect(await readAtOnce()).toBe(21);
  expect(await sql()`select pg_get_viewdef('current_fact_sales_order'::regclass) as definition`).toEqual([declared]);
  expect(warnings).toHaveLength(1);
});

test('an index whose creation a writer prevents is created by the next run', async () => {
  await sql().unsafe('drop index etl.ledger_fact_payment; delete from etl.migration');
  await sql().begin(async (writer) => {
    await writer`lock table etl.ledger in row exclusive mode`;
    expect(await warehouse.run({ telemetry })).toMatchObject({ outcome: 'unchanged' });
  });
  expect(warnings).toMatchObject([['migration:postponed', { relations: ['etl.ledger_fact_payment'] }]]);
  await warehouse.run({ telemetry });
  expect(await sql()`select to_regclass('etl.ledger_fact_payment') is not null as there`).toEqual([{ there: true }]);
});

test('a migration waits 0.2 s for a table, then fails with a query for the holder, and readers go on', async () => {
  await sql().unsafe('alter table fact_sales_order alter units_sold drop not null; delete from etl.migration');
  await duringReport(async () => {
    await expect(warehouse.run()).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringMatching(/migration waited 0.2 s .*'public.fact_sales_order'.*next run tries again/),
    });
    expect(await readAtOnce()).toBe(20);
  });
  expect(await warehouse.run()).toMatchObject({ outcome: 'unchanged' });
});

test('options that an operator set on a view stay as long as its definition stays the same', async () => {
  await sql().unsafe('alter view current_fact_sales_order set (security_barrier = true); delete from etl.migration');
  await warehouse.run();
  expect(await sql()`select reloptions from pg_class where oid = 'current_fact_sales_order'::regclass`).toEqual([
    { reloptions: ['security_barrier=true'] },
  ]);
});
