import { connect } from '@totesys/runtime';
import { createTestRole } from '@totesys/sandbox';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;

beforeEach(async () => {
  source = await createIngestedSource();
  await source.run();
});

afterEach(() => source.close());

const sql = () => source.database.sql;

describe('a change that the model does not know stops the run, loses nothing, and once undone it goes on by itself', () => {
  test.each<[string, string, string, string, RegExp]>([
    [
      'a dropped column',
      'alter table design drop column file_name',
      `alter table design add column file_name text not null default 'b'`,
      'SOURCE_COLUMN_MISSING',
      /Column 'file_name' of table 'design' is not in the source.*text.*Restore it/,
    ],
    [
      'a renamed column',
      'alter table design rename column file_name to filename',
      'alter table design rename column filename to file_name',
      'SOURCE_COLUMN_MISSING',
      /Column 'file_name' of table 'design' has been renamed.*got 'filename'.*Rename it back, or rename it in the model/,
    ],
    [
      'two columns that changed names',
      `alter table design rename column file_name to x; alter table design rename column file_location to file_name`,
      `alter table design rename column file_name to file_location; alter table design rename column x to file_name`,
      'SOURCE_COLUMN_MISSING',
      /Column 'file_location' of table 'design' is not in the source/,
    ],
    [
      'a wider integer',
      'alter table sales_order alter column units_sold type bigint',
      'alter table sales_order alter column units_sold type integer',
      'SOURCE_COLUMN_RETYPED',
      /Column 'units_sold' of table 'sales_order' has another type: expected integer, got bigint/,
    ],
    [
      'a key that has become a bigint',
      'alter table design alter column design_id type bigint',
      'alter table design alter column design_id type integer',
      'SOURCE_COLUMN_RETYPED',
      /'design_id'.*expected integer, got bigint/,
    ],
    [
      'money as floating point',
      'alter table sales_order alter column unit_price type double precision',
      'alter table sales_order alter column unit_price type numeric(10,2)',
      'SOURCE_COLUMN_RETYPED',
      /expected numeric\(10,2\), got double precision/,
    ],
    [
      'money of more digits',
      'alter table sales_order alter column unit_price type numeric(12,2)',
      'alter table sales_order alter column unit_price type numeric(10,2)',
      'SOURCE_COLUMN_RETYPED',
      /expected numeric\(10,2\), got numeric\(12,2\)/,
    ],
    [
      'money of more decimals',
      'alter table sales_order alter column unit_price type numeric(10,4)',
      'alter table sales_order alter column unit_price type numeric(10,2)',
      'SOURCE_COLUMN_RETYPED',
      /expected numeric\(10,2\), got numeric\(10,4\)/,
    ],
    [
      'a timestamp that has got a zone',
      `alter table design alter column last_updated type timestamptz using last_updated at time zone 'UTC'`,
      `alter table design alter column last_updated type timestamp(3) using last_updated at time zone 'UTC'`,
      'SOURCE_COLUMN_RETYPED',
      /'last_updated'.*got timestamp with time zone/,
    ],
    [
      'a text that has become an enum',
      `create type mood as enum ('b'); alter table design alter column file_name type mood using file_name::mood`,
      'alter table design alter column file_name type text; drop type mood',
      'SOURCE_COLUMN_RETYPED',
      /'file_name'.*expected text, got mood/,
    ],
    [
      'a renamed table',
      'alter table payment rename to payments',
      'alter table payments rename to payment',
      'SOURCE_TABLE_MISSING',
      /Table 'public.payment' is not in the source/,
    ],
    [
      'a table that has moved to another schema',
      'create schema archive; alter table payment set schema archive',
      'alter table archive.payment set schema public; drop schema archive',
      'SOURCE_TABLE_MISSING',
      /Table 'public.payment' is not in the source/,
    ],
    [
      'a view in the place of a table',
      'alter table payment_type rename to kinds; create view payment_type as select * from kinds',
      'drop view payment_type; alter table kinds rename to payment_type',
      'SOURCE_TABLE_MISSING',
      /'public.payment_type' of the source is not a table: .*got a view\./,
    ],
    [
      'a materialized view in the place of a table',
      'alter table payment_type rename to kinds; create materialized view payment_type as select * from kinds',
      'drop materialized view payment_type; alter table kinds rename to payment_type',
      'SOURCE_TABLE_MISSING',
      /'public.payment_type' of the source is not a table: .*got a materialized view\./,
    ],
    [
      'a foreign table in the place of a table',
      `alter table payment_type rename to kinds; create foreign data wrapper remote; create server other foreign data wrapper remote;
       create foreign table payment_type (payment_type_id integer) server other`,
      'drop foreign data wrapper remote cascade; alter table kinds rename to payment_type',
      'SOURCE_TABLE_MISSING',
      /'public.payment_type' of the source is not a table: .*got a foreign table\./,
    ],
    [
      'a foreign table among the children of a table',
      `create foreign data wrapper remote; create server other foreign data wrapper remote;
       create foreign table more () inherits (payment_type) server other`,
      'drop foreign data wrapper remote cascade',
      'SOURCE_TABLE_MISSING',
      /Partition 'more' of table 'public.payment_type' is a foreign table/,
    ],
    [
      'a new label',
      `alter type "TransactionType" add value 'GIFT'`,
      `alter type "TransactionType" rename to old; create type "TransactionType" as enum ('SALE', 'PURCHASE');
       alter table transaction alter transaction_type type "TransactionType" using transaction_type::text::"TransactionType"; drop type old`,
      'SOURCE_LABEL_UNKNOWN',
      /Column 'transaction_type' of table 'transaction'.*got also GIFT.*Add them to the model/,
    ],
    [
      'a renamed label',
      `alter type "PaymentTypeName" rename value 'SALES_RECEIPT' to 'RECEIPT'`,
      `alter type "PaymentTypeName" rename value 'RECEIPT' to 'SALES_RECEIPT'`,
      'SOURCE_LABEL_UNKNOWN',
      /got also RECEIPT/,
    ],
  ])('%s', async (_what, change, undo, code, message) => {
    const before = await source.objectKeys();
    await sql().unsafe(change);
    await sql()`update staff set first_name = 'meanwhile' where staff_id = 3`;
    await sql()`delete from sales_order where sales_order_id = 9`;
    for (let run = 0; run < 2; run++) {
      await expect(source.run()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    }
    expect(await source.objectKeys()).toEqual(before);
    await sql().unsafe(undo);
    await source.runAll();
    expect(await source.keysOf(2, 'staff')).toEqual([3]);
    expect(await source.keysOf(2, 'sales_order', 'deleted')).toEqual([9]);
    expect((await source.newest()).tables.sales_order!.keys.count).toBe(99);
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('a lost right on one table, until it is granted again', async () => {
    const reader = await createTestRole(
      source.database,
      (role) => `grant select on all tables in schema public to ${role}`,
    );
    const pool = await connect(reader.url, { subject: 'source', connections: 4, applicationName: 'test' });
    try {
      expect(await source.run({ source: pool })).toMatchObject({ outcome: 'unchanged' });
      await sql().unsafe(`revoke select on payment from ${reader.name}`);
      await source.orders(101, 101);
      await expect(source.run({ source: pool })).rejects.toMatchObject({
        code: 'SOURCE_FORBIDDEN',
        message: expect.stringMatching(/'public.payment'.*grant select on public."?payment"? to the role/),
      });
      // A right on some of its columns is none.
      await sql().unsafe(`grant select (payment_id) on payment to ${reader.name}`);
      await expect(source.run({ source: pool })).rejects.toMatchObject({ code: 'SOURCE_FORBIDDEN' });
      await sql().unsafe(
        `grant select on payment to ${reader.name}; revoke all on _prisma_migrations from ${reader.name}`,
      );
      expect(await source.run({ source: pool })).toMatchObject({ outcome: 'committed', rows: 1 });
    } finally {
      await pool.end({ timeout: 1 });
      await reader.drop();
    }
  });
});
