import { createTestDatabase, populate, type TestDatabase } from '@totesys/sandbox';
import { OPERATION_KINDS } from '../../src/freshness/operation-kinds.ts';
import { performOperation } from '../../src/freshness/perform-operations.ts';
import { planOperations } from '../../src/freshness/plan-operations.ts';

let source: TestDatabase;
beforeAll(async () => {
  source = await createTestDatabase({ totesys: true });
  await populate(source.sql, { seed: 1, salesOrders: 200, purchaseOrders: 80 });
});
afterAll(() => source.drop());

test('the shares of the kinds add up to 100, and a plan has each kind by its share', async () => {
  expect(OPERATION_KINDS.reduce((sum, { share }) => sum + share, 0)).toBe(100);
  const { operations } = await planOperations(source.sql, 200);
  for (const kind of OPERATION_KINDS)
    expect(operations.filter((each) => each.kind === kind)).toHaveLength(2 * kind.share);
});

test('equal sources get equal plans, each mark is used once, and so is each key of a large table', async () => {
  const [first, second] = await Promise.all([planOperations(source.sql, 300), planOperations(source.sql, 300)]);
  const text = ({ operations }: typeof first) => operations.map(({ kind, mark, key }) => `${kind.name} ${mark} ${key}`);
  expect(text(first)).toEqual(text(second));
  expect(new Set(first.operations.map(({ mark }) => mark)).size).toBe(300);
  const once = first.operations
    .filter(({ kind }) => kind.keys.isOnce)
    .map(({ kind, key }) => `${kind.keys.table} ${key}`);
  expect(new Set(once).size).toBe(once.length);
});

test('a source with too few rows is a wrong use that names the table', async () => {
  await expect(planOperations(source.sql, 10_000)).rejects.toThrow(
    /^Table '\w+' has too few rows for 10000 operations/,
  );
});

test('each kind changes the number of rows that it names, in one transaction, and sets the stamp or leaves it', async () => {
  const { operations } = await planOperations(source.sql, 100);
  for (const kind of OPERATION_KINDS) {
    const operation = operations.find((each) => each.kind === kind)!;
    const stampsBefore = await changedRows('0');
    const { transaction } = await performOperation(source.sql, operation);
    const changed = await changedRows(transaction);
    expect({ kind: kind.name, rows: kind.isDelete ? stampsBefore.all - changed.all : changed.written }).toEqual({
      kind: kind.name,
      rows: kind.rows,
    });
    if (!kind.isDelete)
      expect({ kind: kind.name, isStamped: changed.isStamped }).toEqual({
        kind: kind.name,
        isStamped: kind.isStamped,
      });
  }
});

const TABLES = ['sales_order', 'purchase_order', 'payment', 'transaction', 'design', 'address', 'department'];

async function changedRows(transaction: string) {
  const select = TABLES.map((table) => `select xmin::text as xmin, last_updated from ${table}`).join(' union all ');
  const [row] = await source.sql.unsafe(
    `select count(*)::int as all, (count(*) filter (where xmin = $1))::int as written,
            bool_and(last_updated > now()::timestamp - interval '1 hour') filter (where xmin = $1) as stamped
       from (${select}) rows`,
    [transaction],
  );
  return { all: row!.all as number, written: row!.written as number, isStamped: row!.stamped as boolean };
}
