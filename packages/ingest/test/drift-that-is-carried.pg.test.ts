import { silentTelemetry } from '@totesys/runtime';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;

beforeEach(async () => {
  source = await createIngestedSource();
  await source.run();
});

afterEach(() => source.close());

const sql = () => source.database.sql;

describe('a change that can be carried goes on', () => {
  test('beside a new column, which a warning names at every run', async () => {
    await sql().unsafe(`alter table staff add column nickname text, add column shoe_size integer default 42`);
    const warnings: unknown[] = [];
    const telemetry = { ...silentTelemetry, warn: (_event: string, fields?: unknown) => void warnings.push(fields) };
    await sql()`update staff set nickname = 'x' where staff_id = 3`;
    const result = await source.run({ telemetry });
    expect(result).toMatchObject({ outcome: 'committed', rows: 1, complete: true });
    expect(result.warnings.join()).toMatch(/'nickname' of table 'staff'.*'shoe_size' of table 'staff'/);
    expect(JSON.stringify(warnings)).toMatch(/nickname.*shoe_size/);
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
      'a table created again under the same name',
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

  test('with deletions of the rows that a table created again lacks', async () => {
    await sql().unsafe(`create table copied (like design including all); insert into copied select * from design where design_id > 2;
      drop table design cascade; alter table copied rename to design`);
    await source.run();
    expect(await source.keysOf(2, 'design')).toEqual([3, 4, 5]);
    expect(await source.keysOf(2, 'design', 'deleted')).toEqual([1, 2]);
  });

  test.each<[string, string]>([
    [
      'partition that takes the place of another',
      `alter table design rename to low; alter table low drop constraint design_pkey cascade;
       create table design (like low including defaults) partition by range (design_id);
       create table high partition of design default; alter table design attach partition low for values from (1) to (100)`,
    ],
    ['child that takes the place of another', 'create table low () inherits (design)'],
  ])('with a %s, though its rows were written before the last run', async (kind, prepare) => {
    await sql().unsafe(prepare);
    await sql().unsafe(`insert into low (design_id, design_name, file_location, file_name, last_updated) values (7, 'old', '', '', now());
      create table made (like low including defaults); insert into made select * from low; update made set design_name = 'new'`);
    await source.run();
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
    await sql().unsafe(
      kind.startsWith('partition')
        ? 'alter table design detach partition low; alter table design attach partition made for values from (1) to (100)'
        : 'alter table low no inherit design; alter table made inherit design',
    );
    const result = await source.run();
    expect(result.warnings.join()).toContain('it has other partitions than before');
    expect(await source.keysOf(3, 'design')).toContain(7);
    expect(await source.run()).toMatchObject({ outcome: 'unchanged' });
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
