import { populate } from '@totesys/sandbox';
import { coverInPart, createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

/** A test that comes to no end says so by then. */
const MAX_PIECES = 200;

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  // A small budget has no need to get through hundreds.
  await source()`delete from design where design_id not in (select design_id from sales_order)`;
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;

/** Runs all stages after each piece that ingest reads, and `look` after each; returns the number of pieces. */
async function runStepwise(batchRows: number, look: (piece: number) => Promise<void>): Promise<number> {
  for (let piece = 1; piece <= MAX_PIECES; piece++) {
    const result = await pipeline.ingest(batchRows);
    await pipeline.transformAndLoad();
    await look(piece);
    if (result.outcome !== 'committed' || result.complete) return piece;
  }
  throw new Error('Ingest came to no end.');
}

test('a change of a department alone shows in its staff, and the rows of other staff are not touched', async () => {
  await pipeline.run();
  const [{ department_id: moved } = {}] = await source()`select department_id from staff order by staff_id limit 1`;
  const others = await warehouse()`select staff_id, xmin::text from dim_staff order by 1`;
  await source()`update department set location = null, department_name = 'Moved' where department_id = ${moved}`;
  await pipeline.run();
  await expectEqual(pipeline);
  const staff = await source()`select staff_id from staff where department_id = ${moved} order by 1`;
  const touched = (await warehouse()`select staff_id, xmin::text from dim_staff order by 1`).filter(
    ({ xmin }, i) => xmin !== others[i]!.xmin,
  );
  expect(touched.map(({ staff_id: id }) => id)).toEqual(staff.map(({ staff_id: id }) => id));
});

test('a change of an address alone shows in the locations and counterparties that have it', async () => {
  await pipeline.run();
  const [{ legal_address_id: id } = {}] = await source()`select legal_address_id from counterparty limit 1`;
  await source()`update address set phone = '01' || phone, address_line_2 = null, district = 'New' where address_id = ${id}`;
  await pipeline.run();
  await expectEqual(pipeline);
  expect(await warehouse()`select from dim_counterparty where counterparty_legal_district = 'New'`).not.toHaveLength(0);
  expect(await warehouse()`select from dim_location where district = 'New'`).toHaveLength(1);
});

test('a department that is deleted and replaced under its staff, by another key or the same one, shows in their rows', async () => {
  await pipeline.run();
  const [{ department_id: deleted } = {}] = await source()`select department_id from staff order by staff_id limit 1`;
  await source().begin(async (sql) => {
    await sql`insert into department (department_id, department_name, location, last_updated) values (99, 'Successor', 'York', now())`;
    await sql`update staff set department_id = 99 where department_id = ${deleted}`;
    await sql`delete from department where department_id = ${deleted}`;
  });
  await pipeline.run();
  await expectEqual(pipeline);
  await source().begin(async (sql) => {
    // As a restore of the table does: no row of the staff changes.
    await sql`set local session_replication_role = replica`;
    await sql`delete from department where department_id = 99`;
    await sql`insert into department (department_id, department_name, location, last_updated) values (99, 'Heir', 'Bath', now())`;
  });
  await pipeline.run();
  await expectEqual(pipeline);
  expect(await warehouse()`select from dim_staff where department_name = 'Heir'`).not.toHaveLength(0);
});

test('a department that changes while its staff are half covered shows in all of them', async () => {
  await coverInPart(pipeline, 'staff', 5, 12);
  await source()`update department set location = 'Halfway'`;
  await pipeline.run(60);
  await expectEqual(pipeline);
});

test('a dimension row that is inserted, with facts that name it, while the range of the facts is covered is there with them', async () => {
  await coverInPart(pipeline, 'sales_order', 12, 25);
  await source()`insert into currency (currency_id, currency_code, last_updated) values (9, 'USD', now())`;
  await source()`insert into staff (staff_id, first_name, last_name, department_id, email_address, last_updated) values (99, 'a', 'b', 1, 'c', now())`;
  await source()`update sales_order set currency_id = 9, staff_id = 99 where sales_order_id in (1, 2, 39, 40)`;
  await runStepwise(25, async () => {
    expect(await warehouse()`select from etl.held`).toHaveLength(0);
  });
  await expectEqual(pipeline);
});

test('a mass update larger than a run may read arrives over several, and each commit of the warehouse has its references', async () => {
  await pipeline.run();
  await source()`update sales_order set unit_price = unit_price + 1`;
  await source()`update staff set email_address = 'all@example.com'`;
  await source()`insert into staff (staff_id, first_name, last_name, department_id, email_address, last_updated) values (99, 'a', 'b', 1, 'c', now())`;
  await source()`update purchase_order set staff_id = 99`;
  await source()`delete from payment where payment_id = 3`;
  const batches = await runStepwise(9, async (batch) => {
    expect(await warehouse()`select from etl.held`).toHaveLength(0);
    // Beside it, life goes on.
    if (batch === 3) await source()`update sales_order set units_sold = 1 where sales_order_id in (2, 38)`;
    if (batch === 5) await source()`delete from payment where payment_id = 50`;
  });
  expect(batches).toBeGreaterThan(8);
  await expectEqual(pipeline, { deletes: true });
  const twice = await warehouse()`select purchase_order_id from fact_purchase_orders group by 1 having count(*) <> 2`;
  expect(twice).toHaveLength(0);
});
