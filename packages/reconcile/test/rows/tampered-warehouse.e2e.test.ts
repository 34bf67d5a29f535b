import { populate } from '@totesys/sandbox';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { type Compared, compare } from './compare.ts';

/** Changes of a warehouse that bypass the pipeline, each with the one difference that it makes. */
const TAMPERINGS: readonly (readonly [string, string, unknown])[] = [
  [
    'a changed cent',
    'update fact_sales_order set unit_price = unit_price + 0.01 where sales_order_id = 11',
    { table: 'fact_sales_order', id: 11, kind: 'differs', columns: ['unit_price'] },
  ],
  [
    'an empty text instead of null',
    `update dim_location set address_line_2 = ''
      where location_id = (select min(location_id) from dim_location where address_line_2 is null)`,
    { table: 'dim_location', id: expect.any(Number), kind: 'differs', columns: ['address_line_2'] },
  ],
  [
    'null instead of a text',
    `update dim_location set district = null
      where location_id = (select min(location_id) from dim_location where district is not null)`,
    { table: 'dim_location', id: expect.any(Number), kind: 'differs', columns: ['district'] },
  ],
  [
    'a trailing space',
    `update dim_design set design_name = design_name || ' ' where design_id = 7`,
    { table: 'dim_design', id: 7, kind: 'differs', columns: ['design_name'] },
  ],
  [
    'another case',
    'update dim_staff set email_address = upper(email_address) where staff_id = 2',
    { table: 'dim_staff', id: 2, kind: 'differs', columns: ['email_address'] },
  ],
  [
    'a microsecond',
    `update fact_payment set created_time = created_time + interval '1 microsecond' where payment_id = 9`,
    { table: 'fact_payment', id: 9, kind: 'differs', columns: ['created_time'] },
  ],
  [
    'another day',
    `update fact_purchase_orders set agreed_payment_date = created_date - 1 where purchase_order_id = 3`,
    { table: 'fact_purchase_orders', id: 3, kind: 'differs', columns: ['agreed_payment_date'] },
  ],
  [
    'another boolean',
    'update fact_payment set paid = not paid where payment_id = 12',
    { table: 'fact_payment', id: 12, kind: 'differs', columns: ['paid'] },
  ],
  [
    'another name of a currency',
    `update dim_currency set currency_name = 'Sterling' where currency_code = 'GBP'`,
    { table: 'dim_currency', id: expect.any(Number), kind: 'differs', columns: ['currency_name'] },
  ],
  [
    'another value of a joined column',
    `update dim_staff set location = 'Nowhere' where staff_id = 5`,
    { table: 'dim_staff', id: 5, kind: 'differs', columns: ['location'] },
  ],
  [
    'a reference instead of null',
    `update dim_transaction set purchase_order_id = 1
      where transaction_id = (select min(transaction_id) from dim_transaction where purchase_order_id is null)`,
    { table: 'dim_transaction', id: expect.any(Number), kind: 'differs', columns: ['purchase_order_id'] },
  ],
  [
    'a missing row',
    'delete from fact_purchase_orders where purchase_order_id = 5',
    { table: 'fact_purchase_orders', id: 5, kind: 'missing' },
  ],
  [
    'a row too many',
    `insert into fact_payment
     select r.*
       from fact_payment f, jsonb_populate_record(f, '{"payment_id": 77777, "payment_record_id": 99999}') r
      where f.payment_id = 1`,
    { table: 'fact_payment', id: 77777, kind: 'extra' },
  ],
  [
    'a row that is marked as deleted',
    `insert into etl.deletion (fact, id, deleted_batch) values ('fact_sales_order', 400, 1)`,
    { table: 'fact_sales_order', id: 400, kind: 'missing' },
  ],
  [
    'a day of the calendar with another name',
    `update dim_date set day_name = 'Someday' where date_id = (select max(date_id) from dim_date)`,
    { table: 'dim_date', id: expect.stringMatching(/-12-31$/), kind: 'differs', columns: ['day_name'] },
  ],
  [
    'a day that the calendar lacks',
    `delete from dim_date where date_id = (select min(date_id) from dim_date d
      where not exists (select from fact_sales_order
          where d.date_id in (created_date, last_updated_date, agreed_payment_date, agreed_delivery_date))
        and not exists (select from fact_purchase_orders
          where d.date_id in (created_date, last_updated_date, agreed_payment_date, agreed_delivery_date))
        and not exists (select from fact_payment
          where d.date_id in (created_date, last_updated_date, payment_date)))`,
    { table: 'dim_date', id: expect.any(String), kind: 'missing' },
  ],
  [
    'a day of a year in which nothing happened',
    `insert into dim_date values ('2150-05-05', 2150, 5, 5, 2, 'Tuesday', 'May', 2)`,
    { table: 'dim_date', id: '2150-05-05', kind: 'extra' },
  ],
];

let pipeline: Pipeline;
let found: Compared;

beforeAll(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 11, salesOrders: 400, purchaseOrders: 120 });
  await pipeline.run();
  for (const [, statement] of TAMPERINGS) {
    const { count } = await pipeline.warehouse.sql.unsafe(statement);
    if (count !== 1) throw new Error(`Touched ${count} rows: ${statement}`);
  }
  found = await compare(pipeline);
});

afterAll(async () => {
  await pipeline.close();
});

test.each(TAMPERINGS)('names %s', (_what, _statement, difference) => {
  expect(found.differences).toContainEqual(difference);
});

test('names nothing else', () => {
  expect({ named: found.differences.length, unread: found.unread }).toEqual({ named: TAMPERINGS.length, unread: [] });
});
