import { createTestRole, populate, TOTESYS_TABLES } from '@totesys/sandbox';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { compare } from './compare.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 11, salesOrders: 400, purchaseOrders: 120 });
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
});

test('finds no difference in an equal warehouse, and counts the rows of all tables', async () => {
  const { counts, differences, result } = await compare(pipeline);
  expect({ counts, differences }).toEqual({ counts: {}, differences: [] });
  expect(result.findings.counts.size).toBe(11);
  for (const table of result.findings.counts.keys()) {
    const [row] = await pipeline.warehouse.sql.unsafe(`select count(*)::int as rows from ${table}`);
    expect({ table, ...result.findings.of(table) }).toMatchObject({ table, expected: row!.rows, actual: row!.rows });
  }
});

test('names both rows whose values were exchanged', async () => {
  await pipeline.source.sql`update sales_order set units_sold = sales_order_id where sales_order_id in (20, 21)`;
  await pipeline.run();
  await pipeline.warehouse.sql`
    update fact_sales_order set units_sold = 41 - units_sold
     where units_sold in (20, 21) and sales_order_id in (20, 21)`;
  const differs = { table: 'fact_sales_order', kind: 'differs', columns: ['units_sold'] };
  expect((await compare(pipeline)).differences).toEqual([
    { ...differs, id: 20 },
    { ...differs, id: 21 },
  ]);
});

test('returns expected and actual values only with showValues, otherwise their hashes', async () => {
  await pipeline.warehouse.sql`update fact_sales_order set unit_price = 12345.60 where sales_order_id = 1`;
  const [hashed] = (await compare(pipeline)).result.findings.differences;
  const [shown] = (await compare(pipeline, { showValues: true })).result.findings.differences;
  const [order] = await pipeline.source
    .sql`select trim_scale(unit_price)::text as price from sales_order where sales_order_id = 1`;
  expect(shown?.values).toEqual({ unit_price: { expected: order!.price, got: '12345.6' } });
  expect(hashed?.values?.unit_price?.got).toMatch(/^[0-9a-f]{16}$/);
});

test('lists a row that breaks the contract as quarantined, whatever the warehouse has', async () => {
  await pipeline.source.sql`update sales_order set agreed_payment_date = '2024-02-30' where sales_order_id = 4`;
  await pipeline.source.sql`update purchase_order set agreed_delivery_date = ' 2024-02-03' where purchase_order_id = 6`;
  await pipeline.source.sql`update payment set payment_amount = 'NaN' where payment_id = 7`;
  await pipeline.run();
  const { counts, differences, result } = await compare(pipeline);
  expect(result.findings.excused).toHaveLength(3);
  expect(result.findings.excused).toContainEqual({ table: 'fact_sales_order', id: 4, excuse: 'quarantined' });
  expect({ counts, differences }).toEqual({
    counts: {
      fact_sales_order: { quarantined: 1 },
      fact_purchase_orders: { quarantined: 1 },
      fact_payment: { quarantined: 1 },
    },
    differences: [],
  });
});

test('lists a fact that waits for its dimension row as held', async () => {
  await pipeline.warehouse.sql`
    insert into etl.held (fact, id, batch, row, missing)
    select 'fact_sales_order', sales_order_id, 1, to_jsonb(f), array['design_id']
      from fact_sales_order f where sales_order_id = 8`;
  await pipeline.warehouse.sql`delete from fact_sales_order where sales_order_id = 8`;
  expect((await compare(pipeline)).counts).toEqual({ fact_sales_order: { held: 1 } });
});

test('counts rows of a dimension that the source has deleted as kept', async () => {
  await pipeline.source.sql`delete from payment where transaction_id = 2`;
  await pipeline.source.sql`delete from transaction where transaction_id = 2`;
  await pipeline.run();
  const { counts, differences } = await compare(pipeline);
  expect({ counts, differences }).toEqual({ counts: { dim_transaction: { kept: 1 } }, differences: [] });
});

test('compares the years in which only an old version has a date', async () => {
  await pipeline.source.sql`update sales_order set agreed_payment_date = '2031-06-01' where sales_order_id = 4`;
  await pipeline.run();
  await pipeline.source.sql`update sales_order set agreed_payment_date = '2024-06-01' where sales_order_id = 4`;
  await pipeline.run();
  expect((await compare(pipeline)).counts).toEqual({});
  await pipeline.warehouse.sql`update dim_date set quarter = 1 where date_id = '2031-12-24'`;
  expect((await compare(pipeline)).differences).toEqual([
    { table: 'dim_date', id: '2031-12-24', kind: 'differs', columns: ['quarter'] },
  ]);
});

test('accepts a whole year without dates, since a fact in quarantine may have brought it', async () => {
  await pipeline.warehouse.sql`
    insert into dim_date
    select d, extract(year from d), extract(month from d), extract(day from d), extract(isodow from d),
           to_char(d, 'FMDay'), to_char(d, 'FMMonth'), extract(quarter from d)
      from generate_series(timestamp '2150-01-01', '2150-12-31', '1 day') d`;
  expect((await compare(pipeline)).counts).toEqual({});
});

test('ignores settings for the output of values, further columns and other types of the same kind', async () => {
  const { sql } = pipeline.warehouse;
  const [database] = await sql`select current_database() as name`;
  for (const setting of [`datestyle = 'German'`, `timezone = 'Pacific/Apia'`, 'extra_float_digits = -3']) {
    await sql.unsafe(`alter database "${database!.name}" set ${setting}`);
  }
  await sql.unsafe(`
    alter table dim_design add column note text default 'x';
    alter table dim_staff alter column first_name type text;
    drop view current_fact_sales_order;
    alter table fact_sales_order alter column unit_price type numeric;
    create view current_fact_sales_order as
      select latest.*
        from (select distinct on (sales_order_id) *
                from fact_sales_order order by sales_order_id, sales_record_id desc) latest
       where not exists (
        select from etl.deletion d
         where d.fact = 'fact_sales_order' and d.id = latest.sales_order_id and d.restored_batch is null)`);
  expect((await compare(pipeline)).counts).toEqual({});
});

test('needs only SELECT on the eleven tables, and fails where a policy hides rows', async () => {
  const { sql } = pipeline.source;
  const role = await createTestRole(
    pipeline.source,
    (name) => `grant select on ${TOTESYS_TABLES.join(', ')} to ${name}`,
  );
  try {
    expect((await compare(pipeline, { sourceUrl: role.url })).counts).toEqual({});
    await sql`alter table payment enable row level security`;
    await expect(compare(pipeline, { sourceUrl: role.url })).rejects.toThrow(/row-level security/);
  } finally {
    await role.drop();
  }
});

test('names a missing table of the warehouse before it compares anything', async () => {
  await pipeline.warehouse.sql`drop view current_fact_payment`;
  await expect(compare(pipeline)).rejects.toThrow(/lacks 'current_fact_payment'.*totesys load/);
});

test('names at most 1,000 differences and counts all', async () => {
  const { count } = await pipeline.warehouse.sql`update dim_date set month_name = 'Month'`;
  const { result, differences } = await compare(pipeline);
  expect({ differing: result.findings.differing, named: differences.length }).toEqual({
    differing: count,
    named: Math.min(1_000, count),
  });
});
