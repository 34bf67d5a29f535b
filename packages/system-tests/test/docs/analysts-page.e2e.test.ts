import { readFile } from 'node:fs/promises';
import { connect, type Sql } from '@totesys/runtime';
import { createTestRole, populate, type TestRole } from '@totesys/sandbox';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import { createMaskedRole } from './masked-role.ts';

const page = await readFile(new URL('../../../../docs/analysts.md', import.meta.url), 'utf8');
const queries = [...page.matchAll(/^```sql\n([^`]*);\n```$/gm)].map(([, query]) => query!);
const [rights, sales, snapshot, versions, asOf, moment, star, states, changes, deleted, held] = queries as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

let pipeline: Pipeline;
let role: TestRole;
/** What the analyst queries with. */
let analyst: Sql;
/** What the views showed when batch 2 was the newest. */
let then: Readonly<Record<'orders' | 'sales' | 'salesOfSource' | 'star', unknown[]>>;

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;

// Rows as exact text: money would be rounded on its way through a JavaScript number.
async function rowsOf(sql: Sql, query: string): Promise<string[]> {
  return (await sql.unsafe(`select to_jsonb(q)::text as row from (${query}) q`)).map(({ row }) => row);
}

const parsed = async (query: string) => (await rowsOf(analyst, query)).map((row) => JSON.parse(row));

/** The query of the star as of a time, on what the warehouse shows now. */
const starNow = star.replace(/\b(\w+)_as_of\(batch_at\('2025-02-01'\)\)/g, (_call, table) =>
  table.startsWith('fact_') ? `current_${table}` : table,
);

const currentOrders = 'select * from current_fact_sales_order order by sales_order_id';
const salesOfSource = `
  select extract(year from o.created_at)::int as year, extract(month from o.created_at)::int as month, currency_code,
         count(*) as orders, sum(units_sold * unit_price) as amount
    from sales_order o join currency using (currency_id) group by 1, 2, 3 order by 1, 2, 3`;

// Four batches: all of it; a change and two deletions; one of the two comes back and the change is undone; an order
// waits for its design.
beforeAll(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  await source()`update sales_order set units_sold = 10, unit_price = 1.50 where sales_order_id = 3`;
  await pipeline.run();
  role = await createTestRole(pipeline.warehouse, (name) => rights.replaceAll('analyst', name));
  analyst = await connect(role.url, { subject: 'warehouse', connections: 1, applicationName: 'test' });
  await source()`create table kept as select * from sales_order where sales_order_id = 6`;
  await source()`update sales_order set units_sold = 12, unit_price = 0.07 where sales_order_id = 3`;
  await source()`delete from sales_order where sales_order_id in (5, 6)`;
  await pipeline.run();
  then = {
    orders: await rowsOf(analyst, currentOrders),
    sales: await rowsOf(analyst, sales),
    salesOfSource: await rowsOf(source(), salesOfSource),
    star: await rowsOf(analyst, starNow),
  };
  await source()`insert into sales_order select * from kept`;
  await source()`update sales_order set units_sold = 10 where sales_order_id = 3`;
  await source()`update staff set first_name = 'Renamed', department_id = 1 + department_id % 2 where staff_id = 1`;
  await source()`update counterparty set counterparty_legal_name = counterparty_legal_name || ' & Co'`;
  await source()`insert into design (design_id, design_name, file_location, file_name, last_updated) values (999, 'Lamp', '/lamps', 'lamp.json', now())`;
  await pipeline.run();
  await warehouse()`delete from dim_design where design_id = 999`;
  await source()`update sales_order set design_id = 999 where sales_order_id = 7`;
  await pipeline.run();
});

afterAll(async () => {
  await analyst.end({ timeout: 5 });
  await role.drop();
  await pipeline.close();
});

test('the page has these queries and no other', () => {
  expect(queries).toHaveLength(11);
  expect(page.match(/^```/gm)).toHaveLength(24);
});

test('sales by month and currency equal the sums of the source', () => {
  expect(then.sales.length).toBeGreaterThan(1);
  expect(then.sales).toEqual(then.salesOfSource);
});

test('the snapshot shown is the newest batch, by the clock of the source', async () => {
  const [ledger] = await warehouse()`select source_clock from etl.ledger where batch = 4`;
  const [row] = await parsed(snapshot);
  expect(row.batch).toBe(4);
  expect(Date.parse(`${row.source_as_of_utc}Z`)).toBe(Date.parse(`${ledger!.source_clock}Z`));
});

test('each version of a fact is listed with its batch and its changes', async () => {
  const changes = await parsed(versions);
  expect(
    changes.map(({ batch, column_name, value_before, value }) => [batch, column_name, value_before, value]),
  ).toEqual([
    [2, 'unit_price', 1.5, 0.07],
    [2, 'units_sold', 10, 12],
    [3, 'units_sold', 12, 10],
  ]);
});

test('the state as of a batch equals the view when that batch was the newest', async () => {
  expect(await rowsOf(analyst, asOf)).toEqual(then.orders);
  expect(await rowsOf(analyst, currentOrders)).not.toEqual(then.orders);
});

test('a timestamp has the last batch that was read before it', async () => {
  await warehouse()`update etl.ledger set source_clock = '2031-01-01T12:00:00.000001' where batch = 4`;
  expect(await parsed(moment)).toEqual([{ batch: 3 }]);
});

test('the star as of a time has the names and departments of that time', async () => {
  await warehouse()`
    update etl.ledger set source_clock = '2025-01-31T23:59:5' || batch || '.000000' where batch <= 2`;
  expect(then.star.length).toBeGreaterThan(5);
  expect(await rowsOf(analyst, star)).toEqual(then.star);
  expect(await rowsOf(analyst, starNow)).not.toEqual(then.star);
});

test('the states of a dimension row are listed with the time of each', async () => {
  const found = await warehouse()`select * from (${warehouse().unsafe(states)}) s`;
  const [third] = await warehouse()`select source_clock::timestamp as clock from etl.ledger where batch = 3`;
  expect(await parsed(states)).toHaveLength(2);
  expect(found.map((row) => [row.first_name === 'Renamed', row.until_utc ?? row.from_utc])).toEqual([
    [false, third!.clock],
    [true, third!.clock],
  ]);
});

test('the changes between two batches are net, with the values before and after', async () => {
  const [fifth] = await warehouse()`select units_sold from fact_sales_order where sales_order_id = 5`;
  expect(await parsed(changes)).toEqual([
    { sales_order_id: 3, change: 'updated', changed_columns: ['unit_price'], units_before: 10, units_after: 10 },
    {
      sales_order_id: 5,
      change: 'deleted',
      changed_columns: [],
      units_before: fifth!.units_sold,
      units_after: null,
    },
  ]);
});

test('the deleted facts are those that have not come back', async () => {
  expect(await parsed(deleted)).toMatchObject([{ sales_order_id: 5, deleted_batch: 2 }]);
});

test('a fact that waits is listed with what it waits for, and its older version is current', async () => {
  expect(await parsed(held)).toEqual([{ fact: 'fact_sales_order', id: 7, batch: 4, missing: ['design_id'] }]);
  const [order] = await warehouse()`select design_id from current_fact_sales_order where sales_order_id = 7`;
  expect(order!.design_id).not.toBe(999);
});

test('each query runs on the masked views, with as many rows', async () => {
  const masked = await createMaskedRole(pipeline.warehouse);
  try {
    for (const query of queries.slice(1)) {
      const rows = await masked.sql.unsafe(query);
      expect({ query, rows: rows.length }).toEqual({ query, rows: (await rowsOf(analyst, query)).length });
    }
    const [state] = await masked.sql.unsafe(states);
    expect(state).toMatchObject({ first_name: '***', department_name: expect.stringMatching(/^[^*]+$/) });
  } finally {
    await masked.drop();
  }
});

describe('with a year of minutes in the ledger', () => {
  const YEAR = 525_600;

  interface PlanNode {
    readonly 'Relation Name'?: string;
    readonly 'Actual Rows': number;
    readonly 'Actual Loops': number;
    readonly 'Rows Removed by Filter'?: number;
    readonly Plans?: readonly PlanNode[];
  }

  const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

  /** The entries of the ledger that a query looks at. */
  async function ledgerRows(query: string): Promise<number> {
    const [plan] = await analyst.unsafe(`explain (analyze, format json) ${query}`);
    return nodesOf(plan!['QUERY PLAN'][0].Plan)
      .filter((node) => node['Relation Name'] === 'ledger')
      .map((node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'])
      .reduce((sum, rows) => sum + rows, 0);
  }

  // Each 5,000th batch brought a version of order 3.
  beforeAll(async () => {
    await warehouse().unsafe(`
      insert into fact_sales_order
      select r.* from generate_series(1, 100) g, (select * from current_fact_sales_order where sales_order_id = 3) f,
             lateral jsonb_populate_record(null::fact_sales_order, to_jsonb(f) || jsonb_build_object('sales_record_id', 1000 + g, 'units_sold', g)) r;
      insert into etl.ledger (batch, manifest_sha256, processed_sha256, source_clock, rows, loaded_with, last_record_ids)
      select batch, '', '', to_char(timestamp '2031-01-01 12:01' + batch * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS.US'), 1, batch,
             jsonb_build_object('fact_sales_order', 1000 + least(batch / 5000, 100), 'fact_purchase_orders', 20, 'fact_payment', 20)
        from generate_series(5, ${YEAR}) batch`);
  });

  test('each version has its batch by one lookup', async () => {
    const changes = await parsed(versions);
    expect(changes).toHaveLength(3 + 100);
    expect(changes.slice(3).map(({ batch, value }) => [batch, value])).toEqual(
      Array.from({ length: 100 }, (_, i) => [5000 * (i + 1), i + 1]),
    );
    expect(await ledgerRows(versions)).toBeLessThanOrEqual(103);
  });

  test('the batch of a timestamp, and the newest one, are one lookup each', async () => {
    for (const at of ['2031-01-01 12:00', '2031-06-01 12:00', '2040-01-01 00:00']) {
      const query = moment.replace('2031-01-01 12:00', at);
      expect(await parsed(query)).toEqual([
        {
          batch: await warehouse()`
            select max(batch) as batch from etl.ledger where source_clock::timestamp <= ${at}::text::timestamp`.then(
            ([row]) => row!.batch,
          ),
        },
      ]);
      const [called] = await warehouse()`select prosrc as body from pg_proc where proname = 'batch_at'`;
      expect(await ledgerRows(called!.body.replace('moment', `'${at}'::timestamp`))).toBe(1);
    }
    expect(await ledgerRows(snapshot)).toBe(1);
  });
});
