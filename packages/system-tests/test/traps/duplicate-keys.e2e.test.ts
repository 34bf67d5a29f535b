import { populate } from '@totesys/sandbox';
import { compare } from '../../../reconcile/test/rows/compare.ts';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 7, salesOrders: 40, purchaseOrders: 20 });
  await source()`update transaction set sales_order_id = null where sales_order_id = 9`;
  await source().unsafe('create table sales_order_archive () inherits (sales_order)');
  await pipeline.run();
});

afterEach(() => pipeline.close());

const source = () => pipeline.source.sql;
const fault = { code: 'SOURCE_KEY_DUPLICATE', context: { table: 'sales_order', key: 12 } };

test('a key in a table and in its inheritance child hides no delete and brings no version twice', async () => {
  await source()`insert into sales_order_archive select * from sales_order where sales_order_id = 12`;
  await source()`delete from only sales_order where sales_order_id = 9`;
  const objects = await pipeline.objects();
  await expect(pipeline.run()).rejects.toMatchObject(fault);
  expect(await pipeline.objects()).toEqual(objects);
  await source()`delete from only sales_order_archive`;
  await pipeline.run();
  await expectEqual(pipeline, { deletes: true });
  expect(await pipeline.warehouse.sql`select from fact_sales_order where sales_order_id = 12`).toHaveLength(1);
  expect(await pipeline.warehouse.sql`select from current_fact_sales_order where sales_order_id = 9`).toHaveLength(0);
});

test('reconcile names the key, of which it could compare either row', async () => {
  expect((await compare(pipeline)).differences).toEqual([]);
  await source()`insert into sales_order_archive select * from sales_order where sales_order_id = 12`;
  await expect(compare(pipeline)).rejects.toMatchObject(fault);
});
