import { populate } from '@totesys/sandbox';
import { enumeration, type Model } from '@totesys/schema';
import { modelWith } from '../../schema/test/model-with.ts';
import { createPipeline, expectEqual, type Pipeline } from './pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 200, purchaseOrders: 80 });
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
});

const source = () => pipeline.source.sql;
const warehouse = () => pipeline.warehouse.sql;
const versions = async () =>
  (
    await warehouse()`
    select (select count(*) from fact_sales_order)::int + (select count(*) from fact_payment)::int
         + (select count(*) from fact_purchase_orders)::int as rows`
  )[0]!.rows;

// All three stages of a version of the code that has another model, until nothing is left.
async function runWith(model: Model): Promise<void> {
  pipeline.learn(model);
  await pipeline.run();
}

test.each([
  [
    'longer texts',
    'alter table currency alter column currency_code type text; alter table design alter column file_name type ' +
      'varchar(500)',
  ],
  ['narrower money', 'alter table sales_order alter column unit_price type numeric(9,2)'],
  [
    'a table created again',
    'create table copied (like payment including all); insert into copied select * from payment; drop table ' +
      'payment cascade; alter table copied rename to payment',
  ],
  [
    'columns that may be null',
    'alter table sales_order alter units_sold drop not null; alter table staff alter first_name drop not null',
  ],
  ['a new column', 'alter table sales_order add column notes text default $$x$$'],
])('%s bring no new version, and the changes since arrive', async (_what, change) => {
  const before = await versions();
  await source().unsafe(change);
  await source()`update sales_order set units_sold = units_sold + 1 where sales_order_id = 17`;
  await pipeline.run();
  await expectEqual(pipeline);
  expect(await versions()).toBe(before + 1);
});

test('a column that was dropped and added with a default shows the default everywhere, as a new version of each row', async () => {
  const before = await versions();
  await source().unsafe(
    'alter table purchase_order drop column item_code; alter table purchase_order add column item_code text not ' +
      `null default 'none'`,
  );
  await pipeline.run();
  await expectEqual(pipeline);
  expect(await versions()).toBe(before + 80);
});

test('a renamed column stops it, and under a model that knows the new name it goes on with no new version', async () => {
  const before = await versions();
  await source().unsafe('alter table sales_order rename column units_sold to quantity');
  await source()`update sales_order set quantity = 99 where sales_order_id = 17`;
  await expect(pipeline.run()).rejects.toMatchObject({
    code: 'SOURCE_COLUMN_MISSING',
    message: expect.stringContaining("got 'quantity'"),
  });
  const renamed = modelWith('sales_order', ({ units_sold, ...columns }) => ({ ...columns, quantity: units_sold }));
  const model: Model = {
    ...renamed,
    warehouse: renamed.warehouse.map((table) =>
      table.kind !== 'fact' || table.name !== 'fact_sales_order'
        ? table
        : {
            ...table,
            columns: table.columns.map((column) =>
              column.name === 'units_sold' ? { ...column, derivation: { kind: 'column', column: 'quantity' } } : column,
            ),
          },
    ),
  };
  await runWith(model);
  expect(await versions()).toBe(before + 1);
  expect(await warehouse()`select units_sold from current_fact_sales_order where sales_order_id = 17`).toMatchObject([
    { units_sold: 99 },
  ]);
});

test('a batch that waits while a column is renamed in source and model is corrected by the next one', async () => {
  await source()`update design set design_name = 'waiting' where design_id = 1`;
  await pipeline.ingest();
  await source().unsafe('alter table design rename column file_name to filename');
  const renamed = modelWith('design', ({ file_name, ...columns }) => ({ ...columns, filename: file_name }));
  await runWith({
    ...renamed,
    warehouse: renamed.warehouse.map((table) =>
      table.kind !== 'dimension' || table.name !== 'dim_design'
        ? table
        : {
            ...table,
            columns: table.columns.map((column) =>
              column.name === 'file_name' ? { ...column, derivation: { kind: 'column', column: 'filename' } } : column,
            ),
          },
    ),
  });
  await source().unsafe('alter table design rename column filename to file_name');
  await expectEqual(pipeline);
});

test('a new label stops it, and under a model that knows it its rows arrive', async () => {
  await source().unsafe(`alter type "PaymentTypeName" add value 'GIFT'`);
  await source()`insert into payment_type (payment_type_id, payment_type_name, last_updated) values (50, 'GIFT', now())`;
  await expect(pipeline.run()).rejects.toMatchObject({ code: 'SOURCE_LABEL_UNKNOWN' });
  const labels = ['SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND', 'GIFT'];
  await runWith(
    modelWith('payment_type', (columns) => ({
      ...columns,
      payment_type_name: { type: enumeration('PaymentTypeName', labels), nullable: false },
    })),
  );
  await expectEqual(pipeline);
});
