import { createTestDatabase, populate, type TestDatabase } from '@totesys/sandbox';
import { pipeTables } from '../../src/floors/pipes.ts';
import { findPsql } from '../../src/floors/psql.ts';
import { compareTables, describeFindings } from '../../src/peers/compare-tables.ts';
import { readSourceTables, type SourceTable } from '../../src/source/source-tables.ts';

let source: TestDatabase;
let target: TestDatabase;
let tables: SourceTable[];

beforeAll(async () => {
  source = await createTestDatabase({ totesys: true });
  await populate(source.sql, { seed: 1, salesOrders: 40, purchaseOrders: 20 });
  tables = await readSourceTables(source.sql);
});

afterAll(() => source.drop());

beforeEach(async () => {
  target = await createTestDatabase();
  for (const { name, columns } of tables) {
    const list = columns.map((column) => `"${column.name}" ${column.isEnum ? 'text' : column.type}`);
    await target.sql.unsafe(`create table "${name}" (${list.join(', ')})`);
    for (const row of await source.sql.unsafe(`select to_jsonb(t)::text as row from "${name}" t`))
      await target.sql.unsafe(
        `insert into "${name}" select * from jsonb_populate_record(null::"${name}", $1::text::jsonb)`,
        [row.row],
      );
  }
});

afterEach(() => target.drop());

const compare = () => compareTables(source.sql, target.sql, 'public', tables);

test('a copy has no fault; types and keys that are missing are notes', async () => {
  const findings = await compare();
  expect(findings).toEqual({
    faults: [],
    notes: ['other types: enum → text (2)', 'primary keys: 0 of 11', 'foreign keys: 0 of 17'],
  });
  expect(describeFindings(findings)).toMatch(/^all rows and values; other types/);
});

test.each([
  ['a lost row', 'delete from payment where payment_id = 7', 'payment: expected 60 rows, got 59'],
  [
    'a row twice and another lost',
    'update payment set payment_id = 8 where payment_id = 7',
    'payment: other values in payment_id',
  ],
  [
    'a cent less',
    'update sales_order set unit_price = unit_price - 0.01 where sales_order_id = 3',
    'sales_order: other values in unit_price',
  ],
  [
    'two values that changed places',
    `update staff s set first_name = o.first_name from staff o where s.staff_id in (1, 2) and o.staff_id = 3 - s.staff_id`,
    'staff: other values in first_name',
  ],
  [
    'null as the empty text',
    `update address set district = '' where district is null`,
    'address: other values in district',
  ],
  ['a lost column', 'alter table currency drop currency_code', 'columns are missing: currency.currency_code'],
  ['a lost table', 'drop table design', 'table design is missing'],
  [
    'a microsecond',
    `alter table payment alter created_at type timestamp;
     update payment set created_at = created_at + interval '1 ms' where payment_id = 1`,
    'payment: other values in created_at',
  ],
  [
    'text in a number',
    `alter table payment alter payment_amount type text; update payment set payment_amount = 'n/a' where payment_id = 1`,
    'payment cannot be compared',
  ],
])('%s is a fault', async (_, statement, fault) => {
  await target.sql.unsafe(statement);
  const { faults } = await compare();
  expect(faults).toEqual([expect.stringContaining(fault)]);
  expect(describeFindings({ faults, notes: [] })).toMatch(/^WRONG: /);
});

test('equal values in another type are no fault, but the type is named', async () => {
  await target.sql.unsafe(`
    alter table sales_order alter unit_price type double precision, alter sales_order_id type bigint,
      alter created_at type timestamptz using created_at at time zone 'UTC';
    alter database "${new URL(target.url).pathname.slice(1)}" set timezone = 'Asia/Tokyo'`);
  const { faults, notes } = await compare();
  expect(faults).toEqual([]);
  expect(notes[0]).toContain('numeric(10,2) → double precision (1)');
  expect(notes[0]).toContain('integer → bigint (1)');
});

const pipers = (await findPsql()) === undefined ? ['Node'] : ['Node', 'psql'];

test.each(pipers)('the floor of the pipes moves all rows, by %s', async (by) => {
  const ends = { source: source.sql, sourceUrl: source.url, target: target.sql, targetUrl: target.url };
  await pipeTables(ends, { hasPsql: by === 'psql', keeps: true });
  const { faults, notes } = await compareTables(source.sql, target.sql, 'floor', tables);
  expect({ faults, keys: notes.filter((note) => note.startsWith('primary')) }).toEqual({ faults: [], keys: [] });
});
