import {
  addOrder,
  type Change,
  createTestDatabase,
  deleteOrder,
  type LifeStep,
  lateCommit,
  live,
  moveDepartment,
  populate,
  rowUnderSavepoint,
  type TestDatabase,
  TOTESYS_TABLES,
  unstampedEdit,
} from '../src/index.ts';

const open: TestDatabase[] = [];

async function populated(): Promise<TestDatabase> {
  const database = await createTestDatabase({ totesys: true });
  open.push(database);
  await populate(database.sql, { seed: 3, salesOrders: 200, purchaseOrders: 100 });
  return database;
}

afterEach(async () => {
  for (const database of open.splice(0)) await database.drop();
});

async function liveThrough(database: TestDatabase, seed: number): Promise<LifeStep[]> {
  const steps: LifeStep[] = [];
  for await (const step of live(database.sql, { seed, steps: 120 })) steps.push(step);
  return steps;
}

// Stamps are the server's clock; all else must repeat.
async function rowsOf({ sql }: TestDatabase): Promise<unknown[]> {
  const tables: unknown[] = [];
  for (const table of TOTESYS_TABLES) {
    tables.push(
      await sql.unsafe(
        `select to_jsonb(t) - 'created_at' - 'last_updated' as row from ${table} t order by ${table}_id`,
      ),
    );
  }
  return tables;
}

async function find({ sql }: TestDatabase, { table, keys }: Change): Promise<Record<string, unknown>[]> {
  return sql`select * from ${sql(table)} where ${sql(`${table}_id`)} = any(${keys as number[]})`;
}

test('the same seed lives the same life, another one another', async () => {
  const [one, same, other] = [await populated(), await populated(), await populated()];
  const steps = await liveThrough(one, 11);
  expect(await liveThrough(same, 11)).toEqual(steps);
  expect(await liveThrough(other, 12)).not.toEqual(steps);
  expect(await rowsOf(same)).toEqual(await rowsOf(one));
});

test('everything that can happen does, and what is open commits three steps later or at the end', async () => {
  const database = await populated();
  const steps = await liveThrough(database, 11);
  expect([...new Set(steps.map(({ event }) => event))].sort()).toEqual([
    'address changes',
    'delete',
    'department moves',
    'new order',
    'open transaction commits',
    'payments fall due',
    'row under a savepoint',
    'stamped edit',
    'transaction stays open',
    'unstamped edit',
  ]);
  for (const { step, event, change } of steps) {
    const end = steps[step + 3];
    if (event === 'transaction stays open' && end) {
      expect(end).toEqual({ step: step + 3, event: 'open transaction commits', change });
    }
  }
  const [waiting] = await database.sql`
    select count(*)::int as transactions from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`;
  expect(waiting!.transactions).toBe(0);
});

test('a life that is broken off commits what is open', async () => {
  const database = await populated();
  let late: Change | undefined;
  for await (const { event, change } of live(database.sql, { seed: 11, steps: 120 })) {
    if (event !== 'transaction stays open') continue;
    late = change;
    expect(await find(database, change)).toEqual([]);
    break;
  }
  expect(await find(database, late!)).toHaveLength(1);
});

describe('each change says what it did', () => {
  test('an edit that leaves the stamp alone', async () => {
    const database = await populated();
    const [before] = await database.sql`select max(last_updated)::text as newest from sales_order`;
    const change = await database.sql.begin((sql) => unstampedEdit(sql));
    expect(await find(database, change)).toEqual([expect.objectContaining(change.values)]);
    expect(await database.sql`select max(last_updated)::text as newest from sales_order`).toEqual([before]);
  });

  test('a delete', async () => {
    const database = await populated();
    const change = await database.sql.begin((sql) => deleteOrder(sql));
    expect(change.values).toBeUndefined();
    expect(await find(database, change)).toEqual([]);
    const [left] = await database.sql`
      select (select count(*)::int from payment) as payments, (select count(*)::int from transaction) as transactions`;
    expect(left).toEqual({ payments: 299, transactions: 299 });
  });

  test("a department's move", async () => {
    const database = await populated();
    const change = await database.sql.begin((sql) => moveDepartment(sql));
    expect(await find(database, change)).toEqual([expect.objectContaining(change.values)]);
  });

  test('a row under a savepoint, which carries the id of a sub-transaction', async () => {
    const database = await populated();
    const plain = await database.sql.begin((sql) => addOrder(sql));
    const [change, top] = await database.sql.begin(async (sql) => {
      const nested = await rowUnderSavepoint(sql);
      const [row] = await sql`select pg_current_xact_id()::text as id`;
      return [nested, row!.id] as const;
    });
    const [row] = await database.sql`
      select xmin::text as id, units_sold, created_at = last_updated as stamped from sales_order where sales_order_id = ${change.keys[0]!}`;
    expect(row).toMatchObject({ ...change.values, stamped: true });
    expect(row!.id).not.toBe(top);
    expect(change.keys[0]).toBeGreaterThan(plain.keys[0]!);
  });

  test('a late commit, which nobody sees before', async () => {
    const database = await populated();
    const change = await lateCommit(database.sql);
    expect(await find(database, change)).toEqual([]);
    await change.commit();
    expect(await find(database, change)).toEqual([expect.objectContaining(change.values)]);
  });
});
