import { createTestRole, type TestRole } from '@totesys/sandbox';
import { describeWarehouse, WAREHOUSE } from '../designed-warehouse.ts';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order, orders } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;
let owner: TestRole;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
  const database = new URL(warehouse.database.url).pathname.slice(1);
  owner = await createTestRole(warehouse.database, (name) => `alter database ${database} owner to ${name}`);
});

afterEach(async () => {
  await owner.drop();
  await warehouse.close();
});

test('the owner of the database can migrate and load without being a superuser', async () => {
  await warehouse.run({ warehouse: await warehouse.connect(owner) });
  expect(await describeWarehouse(warehouse.database)).toEqual(WAREHOUSE);
});

test('a role that owns the database loads everything without being a superuser', async () => {
  await warehouse.write({ rows: { ...dimensions, fact_sales_order: orders(1, 25_000) } });
  await warehouse.write({
    rows: { fact_sales_order: [order(1, { units_sold: 4 })] },
    deleted: { fact_sales_order: [2] },
  });
  const result = await warehouse.run({ warehouse: await warehouse.connect(owner) });
  expect(result).toMatchObject({ outcome: 'loaded', batches: [1, 2], held: 0 });
  expect(await warehouse.versions(1)).toEqual([1, 4]);
  expect(await warehouse.current()).toHaveLength(24_999);
  expect(await warehouse.foreignKeys()).toBe(9);
});

test('a policy that hides versions from the role stops the load, and no version arrives twice', async () => {
  const sql = await warehouse.connect(owner);
  await warehouse.write({ rows: { ...dimensions, fact_sales_order: [order(1), order(2)] } });
  await warehouse.run({ warehouse: sql });
  await sql.unsafe(`alter table fact_sales_order enable row level security, force row level security;
    create policy hiding on fact_sales_order using (sales_order_id > 1) with check (true)`);
  await warehouse.write({ rows: { fact_sales_order: [order(1)] } });
  await expect(warehouse.run({ warehouse: sql })).rejects.toThrow(
    /row-level security policy for table "fact_sales_order"/,
  );
  await sql.unsafe('alter table fact_sales_order no force row level security');
  expect(await warehouse.run({ warehouse: sql })).toMatchObject({ outcome: 'loaded', batches: [2] });
  expect(await warehouse.versions(1)).toEqual([1]);
});
