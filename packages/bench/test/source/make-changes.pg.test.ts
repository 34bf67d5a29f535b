import { createTestDatabase, populate, type TestDatabase } from '@totesys/sandbox';
import { makeChanges, mixedChanges } from '../../src/source/make-changes.ts';
import { readSourceTables } from '../../src/source/source-tables.ts';

let source: TestDatabase;

beforeAll(async () => {
  source = await createTestDatabase({ totesys: true });
  await populate(source.sql, { seed: 1, salesOrders: 500, purchaseOrders: 100 });
});

afterAll(() => source.drop());

const orders = async () =>
  new Map(
    (await source.sql`select sales_order_id as id, last_updated::text, units_sold, unit_price from sales_order`).map(
      (row) => [row.id as number, row],
    ),
  );

test('two hundred changes have all four kinds', () => {
  expect(mixedChanges(200)).toEqual({ stampedEdits: 80, unstampedEdits: 60, orders: 40, deletedOrders: 20 });
});

test.each([1, 2])('round %i edits, adds and deletes orders, and some edits leave the stamp', async (round) => {
  const before = await orders();
  const rows = await makeChanges(source.sql, 50, round);
  const after = await orders();
  const added = [...after.keys()].filter((id) => !before.has(id));
  const deleted = [...before.keys()].filter((id) => !after.has(id));
  const kept = [...after].filter(([id]) => before.has(id));
  const unstamped = kept.filter(
    ([id, row]) => row.units_sold !== before.get(id)!.units_sold && row.last_updated === before.get(id)!.last_updated,
  );
  expect(added).toHaveLength(10);
  expect(deleted).toHaveLength(5);
  expect(unstamped.length).toBeGreaterThan(10);
  // Each new or deleted order has its transaction and its payment.
  expect(rows).toBe(20 + 15 + 3 * 10 + 3 * 5);
  const [orphans] = await source.sql`
    select count(*)::int as count from sales_order o where not exists
      (select from transaction t join payment p using (transaction_id) where t.sales_order_id = o.sales_order_id)`;
  expect(orphans!.count).toBe(0);
});

test('the tables of the source have their columns, types and keys', async () => {
  const tables = await readSourceTables(source.sql);
  expect(tables).toHaveLength(11);
  const transaction = tables.find(({ name }) => name === 'transaction')!;
  expect(transaction.key).toEqual(['transaction_id']);
  expect(transaction.columns[1]).toEqual({ name: 'transaction_type', type: '"TransactionType"', isEnum: true });
});
