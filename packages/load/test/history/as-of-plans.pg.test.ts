import { latestTablesOf, totesysModel } from '@totesys/schema';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order, orders } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Recheck Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

// As many rows that a scan of the table would cost more than a lookup, and statistics that say so.
beforeAll(async () => {
  warehouse = await createLoadedWarehouse();
  const many = (make: (id: number) => object) => Array.from({ length: 3_000 }, (_, i) => make(i + 1)) as never;
  await warehouse.bring({
    rows: {
      ...dimensions,
      dim_date: many((date_id) => ({ date_id })),
      dim_staff: many((staff_id) => ({ staff_id })),
      dim_design: many((design_id) => ({ design_id })),
      fact_sales_order: orders(1, 3_000),
    },
  });
  for (const units_sold of [2, 3]) {
    const changed = many((staff_id) => ({ staff_id, first_name: `of ${units_sold}` }));
    await warehouse.bring({ rows: { dim_staff: changed, fact_sales_order: orders(1, 3_000, { units_sold }) } });
  }
  await warehouse.bring({ deleted: { fact_sales_order: Array.from({ length: 2_000 }, (_, i) => i + 1) } });
  // Days are never replaced, and a first load has few entries; tables of a few rows are read whole.
  await warehouse.database.sql.unsafe(`
    insert into etl.dim_date_history select d.*, 2 from dim_date d;
    insert into etl.first_batch select 'dim_other', n, 1 from generate_series(1, 5000) n;
    analyze`);
});

afterAll(() => warehouse.close());

async function nodesOf(query: string): Promise<PlanNode[]> {
  const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];
  const [plan] = await warehouse.database.sql.unsafe(`explain (format json) ${query}`);
  return flat(plan!['QUERY PLAN'][0].Plan);
}

const AT = `batch_at('2026-11-22 10:00:00')`;

test.each([
  ['a fact', 'select * from fact_sales_order_as_of(2) where sales_order_id = 2500', 'fact_sales_order'],
  ['a fact at a moment', `select * from fact_sales_order_as_of(${AT}) where sales_order_id = 2500`, 'fact_sales_order'],
  ['a dimension', 'select * from dim_staff_as_of(2) where staff_id = 2500', 'dim_staff'],
  ['a dimension at a moment', `select * from dim_staff_as_of(${AT}) where staff_id = 2500`, 'dim_staff'],
  ['the calendar', `select * from dim_date_as_of(2) where date_id = '1972-01-01'`, 'dim_date'],
  ['all states of a row', 'select * from dim_staff_states() where staff_id = 2500', 'dim_staff'],
])('%s is found by its key in an index', async (_what, query, table) => {
  const nodes = await nodesOf(query);
  const scans = nodes.filter((node) => node['Relation Name'] !== undefined);
  expect(scans.filter((node) => /Seq Scan/.test(node['Node Type']))).toEqual([]);
  const ofTable = scans.filter((node) => [table, `${table}_history`].includes(node['Relation Name']!));
  expect(ofTable.length).toBeGreaterThan(0);
  for (const node of ofTable) expect(node['Index Cond'] ?? node['Recheck Cond']).toMatch(/_id = /);
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Function Scan');
});

test('an order with the dimension row that it had then reads both by their keys', async () => {
  const query = `
    select f.units_sold, s.first_name
      from fact_sales_order_as_of(2) f join dim_staff_as_of(2) s on s.staff_id = f.sales_staff_id
     where f.sales_order_id = 2500`;
  const scans = (await nodesOf(query)).filter((node) => /Seq Scan/.test(node['Node Type']));
  expect(scans.map((node) => node['Relation Name'])).not.toContain('dim_staff');
  expect([...(await warehouse.database.sql.unsafe(query))]).toEqual([{ units_sold: 2, first_name: 'of 2' }]);
});

test('each dimension has a query of its own, which is no function call in a plan', async () => {
  for (const { name } of latestTablesOf(totesysModel)) {
    for (const called of [`${name}_as_of(1)`, `${name}_states()`]) {
      const nodes = await nodesOf(`select * from ${called}`);
      expect({ called, calls: nodes.filter((node) => node['Node Type'] === 'Function Scan') }).toEqual({
        called,
        calls: [],
      });
    }
  }
});

test('a changed fact is found by the record ids of the batches, not by a scan of all versions', async () => {
  await warehouse.bring({ rows: { fact_sales_order: [order(2_900, { units_sold: 9 })] } });
  const query = `select * from changes_between(4, 5) where fact = 'fact_sales_order'`;
  const scans = (await nodesOf(query)).filter((node) => node['Relation Name'] === 'fact_sales_order');
  expect(scans.filter((node) => /Seq Scan/.test(node['Node Type']))).toEqual([]);
  expect(await warehouse.database.sql.unsafe(query)).toMatchObject([{ id: '2900', change: 'updated' }]);
});
