import { createTestRole } from '@totesys/sandbox';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order, orders } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
  await warehouse.run();
  // What the server gathers by itself, at its own time, is not what is tested.
  const [own] = await sql()`
    select string_agg(format('alter table %s set (autovacuum_enabled = false)', oid::regclass), '; ') as statements
      from pg_class where relkind = 'r' and relnamespace in ('public'::regnamespace, 'etl'::regnamespace)`;
  await sql().unsafe(own!.statements);
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The rows that the planner knows of in each table that has statistics. */
async function known(): Promise<Record<string, number>> {
  const rows = await sql()`
    select c.relname as name, c.reltuples::int as rows from pg_class c
     where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'etl'::regnamespace)
       and exists (select from pg_statistic s where s.starelid = c.oid) order by 1`;
  return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]));
}

test('a load leaves statistics of all that it changed substantially, deletions and ledger included', async () => {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: orders(1, 3_000) } });
  expect(await known()).toMatchObject({ dim_staff: 2, dim_date: 1, fact_sales_order: 3_000, ledger: 1 });
  await warehouse.bring({
    rows: { fact_sales_order: orders(3_001, 4_000) },
    deleted: { fact_sales_order: ids(1, 900) },
  });
  expect(await known()).toMatchObject({ fact_sales_order: 4_000, deletion: 900 });
  await warehouse.bring({ rows: { fact_sales_order: orders(4_001, 4_010, { sales_staff_id: 7 }) } });
  expect(await known()).toMatchObject({ held: 10 });
});

test('the changes of many small batches count together', async () => {
  await warehouse.bring({ rows: { ...dimensions, fact_sales_order: orders(1, 100) } });
  await sql()`analyze fact_sales_order`;
  // What a session has changed is counted some time later: the first batches may not know of each other.
  for (let first = 101; first < 700 && (await known()).fact_sales_order === 100; first += 10) {
    await warehouse.bring({ rows: { fact_sales_order: orders(first, first + 9) } });
  }
  expect((await known()).fact_sales_order).toBeGreaterThan(100);
});

test('a table that is locked or has another owner keeps its old statistics, and the load succeeds', async () => {
  const role = await createTestRole(
    warehouse.database,
    (name) => `grant usage on schema public, etl to ${name}; grant usage on all sequences in schema public to ${name};
      grant select, insert, update, delete on all tables in schema public, etl to ${name}`,
  );
  await sql().begin(async (other) => {
    await other`lock table dim_staff in share update exclusive mode`;
    expect(await warehouse.bring({ rows: { ...dimensions } })).toMatchObject({ batches: [1] });
  });
  const first = await known();
  expect(first).toMatchObject({ dim_date: 1 });
  expect(first).not.toHaveProperty('dim_staff');
  await warehouse.write({ rows: { fact_sales_order: orders(1, 500) } });
  const pool = await warehouse.connect(role);
  expect(await warehouse.run({ warehouse: pool })).toMatchObject({ batches: [2], rows: 500 });
  expect(await known()).not.toHaveProperty('fact_sales_order');
  await pool.end({ timeout: 1 });
  await role.drop();
});

test('the view of current facts reads each deletion at most once for all rows, even without statistics', async () => {
  const customers = ids(1, 9).map((counterparty_id) => ({ counterparty_id }));
  const of = (id: number) => order(id, { counterparty_id: 1 + (id % 9) });
  await warehouse.bring({
    rows: { ...dimensions, dim_counterparty: customers, fact_sales_order: ids(1, 6_000).map(of) },
  });
  await warehouse.bring({ deleted: { fact_sales_order: ids(1_001, 2_000) } });
  for (const statistics of ['as they are', 'none']) {
    if (statistics === 'none') {
      await sql().unsafe(`delete from pg_statistic
         where starelid in ('etl.deletion'::regclass, 'fact_sales_order'::regclass);
        update pg_class set reltuples = -1 where oid in ('etl.deletion'::regclass, 'fact_sales_order'::regclass)`);
    }
    const [plan] = await sql().unsafe(
      'explain (analyze, format json) select * from current_fact_sales_order where counterparty_id = 5',
    );
    const nodes = nodesOf(plan!['QUERY PLAN'][0].Plan);
    const deletions = nodes.filter((node) => node['Relation Name'] === 'deletion');
    expect(deletions).not.toHaveLength(0);
    const read = deletions.map((node) => node['Actual Rows'] * node['Actual Loops']).reduce((sum, rows) => sum + rows);
    expect(read).toBeLessThanOrEqual(1_000);
    expect(nodes[0]!['Actual Rows']).toBe(556);
  }
});

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
