import { loadSample, populate } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline, physicalState } from './pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
});

afterEach(async () => {
  await pipeline.close();
});

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;
const simulate = (salesOrders = 400, purchaseOrders = 200) =>
  populate(source(), { seed: 7, salesOrders, purchaseOrders });

describe('the warehouse equals a second computation of it by plain SQL', () => {
  test('on simulated data', async () => {
    await simulate(5_000, 2_000);
    await pipeline.run();
    await expectEqual(pipeline);
  });

  test('on simulated data that a small budget cuts into many batches', async () => {
    await simulate();
    await pipeline.run(90);
    await expectEqual(pipeline);
    const [ledger] = await warehouse()`select count(*)::int as batches from etl.ledger`;
    expect(ledger!.batches).toBeGreaterThan(10);
  });

  const sample = process.env.TOTESYS_SAMPLE;
  (sample ? test : test.skip)('on the real export', async () => {
    await loadSample(source(), sample!);
    await pipeline.run();
    await expectEqual(pipeline);
  });
});

describe('a change that a poll of last_updated loses arrives', () => {
  beforeEach(async () => {
    await simulate();
    await pipeline.run();
  });

  test('an edit that leaves last_updated alone', async () => {
    await source()`update sales_order set units_sold = units_sold + 1 where sales_order_id = 17`;
    await pipeline.run();
    await expectEqual(pipeline);
    expect(await warehouse()`select from fact_sales_order where sales_order_id = 17`).toHaveLength(2);
  });

  test('a row of a transaction that began before a run and committed after it, with its old stamp', async () => {
    const writer = await source().reserve();
    await writer`begin`;
    // As if it had begun an hour ago: no overlap that a poll may allow itself reaches back that far.
    await writer`update payment set paid = not paid, last_updated = now() - interval '1 hour' where payment_id = 5`;
    await source()`update payment set paid = not paid, last_updated = now() where payment_id = 6`;
    await pipeline.run();
    await writer`commit`;
    writer.release();
    await pipeline.run();
    await expectEqual(pipeline);
    expect(await warehouse()`select from fact_payment where payment_id = 5`).toHaveLength(2);
  });

  test('a delete, though a row with an old stamp takes its place in every count', async () => {
    const [order] = await source()`
      select p.payment_id, t.transaction_id, t.sales_order_id from payment p join transaction t using (transaction_id)
       where t.sales_order_id is not null order by 1 limit 1`;
    await source()`delete from payment where payment_id = ${order!.payment_id}`;
    await source()`delete from transaction where transaction_id = ${order!.transaction_id}`;
    await source()`
      insert into sales_order (created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
                               agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
      select created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id, agreed_delivery_date,
             agreed_payment_date, agreed_delivery_location_id
        from sales_order where sales_order_id = ${order!.sales_order_id}`;
    await source()`delete from sales_order where sales_order_id = ${order!.sales_order_id}`;
    await pipeline.run();
    await expectEqual(pipeline, { deletes: true });
    const id = order!.sales_order_id;
    expect(await warehouse()`select from current_fact_sales_order where sales_order_id = ${id}`).toHaveLength(0);
    expect(await warehouse()`select from fact_sales_order where sales_order_id = ${id}`).toHaveLength(1);
  });

  test("a department's move, in the rows of its staff, none of which changed", async () => {
    await source()`update department set location = 'Moved' where department_id = (select department_id from staff order by staff_id limit 1)`;
    await pipeline.run();
    await expectEqual(pipeline);
    expect(await warehouse()`select from dim_staff where location = 'Moved'`).not.toHaveLength(0);
  });

  test('a row that was written under a savepoint while another run passed', async () => {
    const writer = await source().reserve();
    await writer`begin`;
    await writer`savepoint inner_one`;
    await writer`update purchase_order set item_quantity = 12345 where purchase_order_id = 3`;
    await writer`release savepoint inner_one`;
    await source()`update purchase_order set item_quantity = 54321 where purchase_order_id = 4`;
    await pipeline.run();
    await writer`commit`;
    writer.release();
    await pipeline.run();
    await expectEqual(pipeline);
  });
});

describe('the history of a fact', () => {
  test('has a version for each of three ingests before one transform and load, A, B and A again', async () => {
    await simulate();
    await pipeline.ingest();
    for (const units of [111, 222, 111]) {
      await source()`update sales_order set units_sold = ${units} where sales_order_id = 9`;
      await pipeline.ingest();
    }
    await pipeline.transformAndLoad();
    const versions =
      await warehouse()`select units_sold from fact_sales_order where sales_order_id = 9 order by sales_record_id`;
    expect(versions.slice(1).map(({ units_sold }) => units_sold)).toEqual([111, 222, 111]);
    await expectEqual(pipeline);
  });

  test('gets no version from a change that the warehouse does not carry', async () => {
    await simulate();
    await pipeline.run();
    await source()`update payment set company_ac_number = company_ac_number + 1 where payment_id = 4`;
    await pipeline.run();
    expect(await warehouse()`select from fact_payment where payment_id = 4`).toHaveLength(1);
  });

  test('shows a row that was deleted and came back equal as current, without a new version', async () => {
    await simulate();
    await source()`create table kept as select * from purchase_order where purchase_order_id not in (select purchase_order_id from transaction where purchase_order_id is not null) limit 0`;
    await source()`update transaction set purchase_order_id = null where purchase_order_id = 2`;
    await source()`insert into kept select * from purchase_order where purchase_order_id = 2`;
    await pipeline.run();
    await source()`delete from purchase_order where purchase_order_id = 2`;
    await pipeline.run();
    expect(await warehouse()`select from current_fact_purchase_orders where purchase_order_id = 2`).toHaveLength(0);
    await source()`insert into purchase_order select * from kept`;
    await pipeline.run();
    expect(await warehouse()`select from current_fact_purchase_orders where purchase_order_id = 2`).toHaveLength(1);
    expect(await warehouse()`select from fact_purchase_orders where purchase_order_id = 2`).toHaveLength(1);
  });
});

describe('a row that breaks the contract', () => {
  test('goes to quarantine while other rows arrive, and arrives once it is fixed', async () => {
    await simulate();
    await source()`update sales_order set agreed_delivery_date = 'next week' where sales_order_id = 3`;
    await pipeline.run();
    expect(await warehouse()`select from fact_sales_order where sales_order_id = 3`).toHaveLength(0);
    expect((await pipeline.objects()).filter((key) => key.includes('_quarantine/sales_order/'))).toHaveLength(1);
    await source()`update sales_order set agreed_delivery_date = '2023-05-06' where sales_order_id = 3`;
    await pipeline.run();
    await expectEqual(pipeline);
  });

  test('an order for 2099 adds that one year to the calendar', async () => {
    await simulate();
    await pipeline.run();
    const years = async () =>
      (await warehouse()`select distinct year from dim_date order by year`).map(({ year }) => year);
    const before = await years();
    await source()`update sales_order set agreed_delivery_date = '2099-02-03' where sales_order_id = 3`;
    await pipeline.run();
    expect(await years()).toEqual([...before, 2099]);
    await expectEqual(pipeline);
  });
});

test('a run with nothing to do writes no object and touches no row', async () => {
  await simulate();
  await pipeline.run();
  const before = { objects: await pipeline.objects(), rows: await physicalState(pipeline) };
  await pipeline.run();
  expect({ objects: await pipeline.objects(), rows: await physicalState(pipeline) }).toEqual(before);
});
