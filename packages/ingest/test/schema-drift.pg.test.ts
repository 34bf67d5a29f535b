import { connect, silentTelemetry } from '@totesys/runtime';
import { enumeration, integer, type Model, numeric, type SourceTable, text, totesysModel } from '@totesys/schema';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;

beforeEach(async () => {
  source = await createIngestedSource();
  await source.run();
});

afterEach(async () => {
  await source.close();
});

const sql = () => source.database.sql;
const designs = [1, 2, 3, 4, 5];

// The model with one source table's columns changed; the warehouse does not matter to ingest.
function modelWith(table: string, change: (columns: SourceTable['columns']) => object): Model {
  return {
    ...totesysModel,
    source: totesysModel.source.map((each) =>
      each.name === table ? { ...each, columns: change(each.columns) as SourceTable['columns'] } : each,
    ),
  };
}

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
      /'public.payment_type' is no table/,
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
    const role = `reader_${process.pid}_${Date.now()}`;
    await sql().unsafe(
      `create role ${role} login password 'x'; grant select on all tables in schema public to ${role}`,
    );
    const url = new URL(source.database.url);
    [url.username, url.password] = [role, 'x'];
    const reader = await connect(url.href, { subject: 'source', connections: 4, applicationName: 'test' });
    try {
      expect(await source.run({ source: reader })).toMatchObject({ outcome: 'unchanged' });
      await sql().unsafe(`revoke select on payment from ${role}`);
      await source.orders(101, 101);
      await expect(source.run({ source: reader })).rejects.toMatchObject({
        code: 'SOURCE_FORBIDDEN',
        message: expect.stringMatching(/'public.payment'.*grant select on public."?payment"? to the role/),
      });
      // A right on some of its columns is none.
      await sql().unsafe(`grant select (payment_id) on payment to ${role}`);
      await expect(source.run({ source: reader })).rejects.toMatchObject({ code: 'SOURCE_FORBIDDEN' });
      await sql().unsafe(`grant select on payment to ${role}; revoke all on _prisma_migrations from ${role}`);
      expect(await source.run({ source: reader })).toMatchObject({ outcome: 'committed', rows: 1 });
    } finally {
      await reader.end();
      await sql().unsafe(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

describe('once the model knows the change, the table is read again whole and the run goes on', () => {
  test('a renamed column', async () => {
    await sql().unsafe('alter table design rename column file_name to filename');
    await expect(source.run()).rejects.toMatchObject({ code: 'SOURCE_COLUMN_MISSING' });
    await sql()`update staff set first_name = 'meanwhile' where staff_id = 3`;
    const model = modelWith('design', ({ file_name, ...columns }) => ({ ...columns, filename: file_name }));
    const result = await source.run({ model });
    expect(result).toMatchObject({ outcome: 'committed', rows: 6, deleted: 0, complete: true });
    expect(result.warnings).toEqual([
      "Table 'design' has changed and is read again: 'filename' is read now; 'file_name' is read no longer.",
    ]);
    expect(await source.keysOf(2, 'design')).toEqual(designs);
    expect(await source.run({ model })).toMatchObject({ outcome: 'unchanged', warnings: [] });
  });

  test('a column that is gone, and one that is new', async () => {
    await sql().unsafe(
      `alter table design drop column file_name; alter table design add column licence text default 'free'`,
    );
    const model = modelWith('design', ({ file_name: _, ...columns }) => ({
      ...columns,
      licence: { type: text(), nullable: true },
    }));
    expect(await source.run({ model })).toMatchObject({ rows: 5, complete: true });
  });

  test('a new label', async () => {
    await sql().unsafe(`alter type "PaymentTypeName" add value 'GIFT'`);
    await expect(source.run()).rejects.toMatchObject({ code: 'SOURCE_LABEL_UNKNOWN' });
    await sql()`insert into payment_type (payment_type_id, payment_type_name, last_updated) values (2, 'GIFT', now())`;
    const model = modelWith('payment_type', (columns) => {
      const labels = ['SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND', 'GIFT'];
      return { ...columns, payment_type_name: { type: enumeration('PaymentTypeName', labels), nullable: false } };
    });
    expect(await source.run({ model })).toMatchObject({ rows: 2, complete: true });
    expect(await source.keysOf(2, 'payment_type')).toEqual([1, 2]);
  });

  test('money of more digits', async () => {
    await sql().unsafe('alter table sales_order alter column unit_price type numeric(12,4)');
    await sql()`update sales_order set unit_price = 12345678.1234 where sales_order_id = 1`;
    const model = modelWith('sales_order', (columns) => ({
      ...columns,
      unit_price: { type: numeric(12, 4), nullable: false },
    }));
    expect(await source.run({ model })).toMatchObject({ rows: 100, quarantined: 0 });
  });

  test('a table that it no longer reads, and one that it reads now', async () => {
    await sql().unsafe('drop table payment');
    await expect(source.run()).rejects.toMatchObject({ code: 'SOURCE_TABLE_MISSING' });
    const gift = { name: 'gift', key: 'gift_id', columns: { gift_id: { type: integer(), nullable: false } } };
    await sql().unsafe('create table gift as select generate_series(1, 3) as gift_id');
    const model = { ...totesysModel, source: [...totesysModel.source.filter(({ name }) => name !== 'payment'), gift] };
    expect(await source.run({ model })).toMatchObject({ outcome: 'committed', rows: 3, complete: true });
    expect(await source.run({ model })).toMatchObject({ outcome: 'unchanged' });
  });
});

describe('a change that can be carried goes on', () => {
  test('beside a new column, which a warning names at every run', async () => {
    await sql().unsafe(`alter table staff add column nickname text, add column shoe_size integer default 42`);
    const told: unknown[] = [];
    const telemetry = { ...silentTelemetry, warn: (_event: string, fields?: unknown) => void told.push(fields) };
    await sql()`update staff set nickname = 'x' where staff_id = 3`;
    const result = await source.run({ telemetry });
    expect(result).toMatchObject({ outcome: 'committed', rows: 1, complete: true });
    expect(result.warnings.join()).toMatch(/'nickname' of table 'staff'.*'shoe_size' of table 'staff'/);
    expect(JSON.stringify(told)).toMatch(/nickname.*shoe_size/);
    expect((await source.run()).warnings).toHaveLength(2);
  });

  test.each<[string, string, string]>([
    [
      'a longer text',
      'alter table currency alter column currency_code type text',
      "'currency_code' was character varying(3) and is text",
    ],
    ['a shorter text', 'alter table currency alter column currency_code type varchar(20)', 'is character varying(20)'],
    [
      'narrower money',
      'alter table sales_order alter column unit_price type numeric(8,2)',
      "'unit_price' was numeric(10,2) and is numeric(8,2)",
    ],
    [
      'finer stamps',
      'alter table design alter column last_updated type timestamp(6)',
      'is timestamp(6) without time zone',
    ],
    [
      'a column in another place, with a default that no row has',
      `alter table design drop column file_name; alter table design add column file_name text not null default 'new'`,
      "'file_name' was dropped and added again",
    ],
    [
      'labels that were swapped',
      `alter type "PaymentTypeName" rename value 'SALES_RECEIPT' to 'x'; alter type "PaymentTypeName" rename value 'SALES_REFUND' to 'SALES_RECEIPT';
       alter type "PaymentTypeName" rename value 'x' to 'SALES_REFUND'`,
      "the labels of 'payment_type_name' were SALES_RECEIPT, SALES_REFUND",
    ],
    [
      'a table made anew under the same name',
      'create table copied (like design including all); insert into copied select * from design where design_id > 2; drop table design cascade; alter table copied rename to design',
      'it is another table of that name',
    ],
  ])('with %s, after reading the table again', async (_what, change, warning) => {
    await sql().unsafe(change);
    const result = await source.run();
    expect(result).toMatchObject({ outcome: 'committed', complete: true });
    expect(result.warnings).toEqual([expect.stringContaining(warning)]);
    expect(await source.run()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  });

  test('without the key of a table, which a warning names at every run', async () => {
    await sql().unsafe('alter table payment drop constraint payment_pkey');
    const [warning] = (await source.run()).warnings;
    expect(warning).toMatch(/Table 'payment' has no unique index on 'payment_id'.*Add a primary key/);
    await sql().unsafe('create unique index any_name on payment (payment_id)');
    expect((await source.run()).warnings).toEqual([]);
  });

  test('with rows that vanished from a table made anew named as deleted', async () => {
    await sql().unsafe(`create table copied (like design including all); insert into copied select * from design where design_id > 2;
      drop table design cascade; alter table copied rename to design`);
    await source.run();
    expect(await source.keysOf(2, 'design')).toEqual([3, 4, 5]);
    expect(await source.keysOf(2, 'design', 'deleted')).toEqual([1, 2]);
  });

  test.each<[string, string[]]>([
    ['a column that may be null now', ['alter table staff alter column first_name drop not null']],
    ['another default', [`alter table staff alter column first_name set default 'x'`]],
    [
      'a new index, constraint and comment',
      [
        'create index on staff (first_name)',
        'alter table staff add check (staff_id > 0)',
        `comment on table staff is 'x'`,
      ],
    ],
    [
      'a trigger',
      [
        'create function nothing() returns trigger language plpgsql as $$ begin return new; end $$',
        'create trigger t before update on staff for each row execute function nothing()',
      ],
    ],
    ['other rights', ['grant all on staff to public']],
    ['a dropped foreign key', ['alter table staff drop constraint staff_department_id_fkey']],
    ['a table beside', ['create table other (id int)']],
    [
      'another fillfactor and a rewrite',
      ['alter table staff set (fillfactor = 50)', 'vacuum full staff', 'cluster staff using staff_pkey'],
    ],
  ])('with %s, which is nothing to read for', async (_what, statements) => {
    for (const statement of statements) await sql().unsafe(statement);
    expect(await source.run()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  });
});
