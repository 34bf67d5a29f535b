import { populate } from '@totesys/sandbox';
import { totesys } from '../built-command.ts';
import { coverInPart, createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;

test('an order is deleted and its payment stays: the payment is current, and their transaction names no order', async () => {
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  await pipeline.run();
  const [{ transaction_id: id, payment_id: payment } = {}] = await source()`
    select t.transaction_id, p.payment_id from transaction t join payment p using (transaction_id) where t.sales_order_id = 9`;
  await source()`delete from sales_order where sales_order_id = 9`;
  await pipeline.run();
  await expectEqual(pipeline, { deletes: true });
  expect(await warehouse()`select from current_fact_sales_order where sales_order_id = 9`).toHaveLength(0);
  expect(await warehouse()`select sales_order_id from dim_transaction where transaction_id = ${id}`).toEqual([
    { sales_order_id: null },
  ]);
  expect(await warehouse()`select from current_fact_payment where payment_id = ${payment}`).toHaveLength(1);
  expect(await warehouse()`select from fact_payment where payment_id = ${payment}`).toHaveLength(1);
});

describe('half of a table that is deleted at once', () => {
  beforeEach(async () => {
    await populate(source(), { seed: 7, salesOrders: 1_800, purchaseOrders: 700 });
    await source()`create table kept as select * from payment where payment_id % 2 = 0`;
  });

  test('stops each run until the rows are back, and then no batch is written', async () => {
    await pipeline.run();
    await source()`delete from payment where payment_id % 2 = 0`;
    for (const unitsSold of [1, 2]) {
      await source()`update sales_order set units_sold = ${unitsSold} where sales_order_id = 3`;
      await expect(pipeline.ingest()).rejects.toMatchObject({
        code: 'DELETES_UNUSUAL',
        message: expect.stringMatching(/'payment' has lost 1250 of 2500 rows \(50 %\).*totesys accept deletes payment/),
      });
    }
    await pipeline.transformAndLoad();
    expect(await warehouse()`select from current_fact_payment`).toHaveLength(2_500);
    await source()`insert into payment select * from kept`;
    await pipeline.run();
    await expectEqual(pipeline);
    expect(await warehouse()`select from etl.deletion`).toHaveLength(0);
    expect(await warehouse()`select from fact_payment`).toHaveLength(2_500);
  });

  test('arrives once the operator accepts the deletes, which covers this time only', async () => {
    await pipeline.run();
    await source()`delete from payment where payment_id % 2 = 0`;
    await expect(pipeline.ingest()).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
    expect(await totesys(['accept', 'deletes', 'payment', '--json'], { LAKE: pipeline.lake })).toMatchObject({
      code: 0,
    });
    await pipeline.run();
    await expectEqual(pipeline, { deletes: true });
    expect(await warehouse()`select from etl.deletion`).toHaveLength(1_250);
    await source()`insert into payment select * from kept`;
    await pipeline.run();
    await expectEqual(pipeline);
    expect(await warehouse()`select from fact_payment`).toHaveLength(2_500);
    await source()`delete from payment where payment_id % 2 = 0`;
    await expect(pipeline.ingest()).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
  });

  test.each([
    ['the whole table', undefined],
    ['pieces of it', 400],
  ])('stops a run that reads %s again', async (_what, batchRows) => {
    await pipeline.run();
    await source()`delete from payment where payment_id % 2 = 0`;
    // Everything is read again, because no transaction id shows what has changed.
    await source().unsafe(
      `alter table payment drop column paid; alter table payment add column paid boolean not null default true`,
    );
    await expect(pipeline.run(batchRows)).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
    await pipeline.transformAndLoad();
    expect(await warehouse()`select from current_fact_payment`).toHaveLength(2_500);
  });

  test('that is read again in pieces arrives completely once the operator accepts the deletes', async () => {
    await pipeline.run();
    await source()`delete from payment where payment_id % 2 = 0`;
    await source().unsafe(
      `alter table payment drop column paid; alter table payment add column paid boolean not null default true`,
    );
    await totesys(['accept', 'deletes', 'payment'], { LAKE: pipeline.lake });
    await pipeline.run(400);
    await expectEqual(pipeline, { deletes: true });
    expect(await warehouse()`select from etl.deletion`).toHaveLength(1_250);
  });

  test('stops a first load in progress, for the keys that it has read', async () => {
    await coverInPart(pipeline, 'payment', 2_400, 600);
    await source()`delete from payment where payment_id % 2 = 0`;
    await expect(pipeline.ingest(600)).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
  });
});
