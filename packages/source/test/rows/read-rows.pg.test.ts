import { decimalAt } from '@totesys/columns';
import { connect, type Sql } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import {
  bigint,
  boolean,
  date,
  integer,
  MOST_TEXT_BYTES,
  numeric,
  optional,
  required,
  sourceTable,
  text,
  time,
  timestamp,
} from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { readRows } from '../../src/rows/read-rows.ts';

const torture = sourceTable('torture', 'id', {
  id: required(integer()),
  flag: optional(boolean()),
  small: optional(integer()),
  big: optional(bigint()),
  word: optional(text()),
  money: optional(numeric(10, 2)),
  wide: optional(numeric(38, 10)),
  day: optional(date()),
  hour: optional(time()),
  at: optional(timestamp(6)),
});

let database: TestDatabase;
let sql: Sql;
let nextId = 1;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql.unsafe(`create table torture (id serial primary key, flag boolean, small int, big bigint, word text,
    money numeric(10,2), wide numeric(38,10), day date, hour time, at timestamp)`);
  sql = await connect(database.url, { subject: 'source', connections: 2, applicationName: 'test' });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

beforeEach(async () => {
  await database.sql.unsafe('truncate torture');
});

async function insert(column: string, literal: string): Promise<number> {
  const id = nextId++;
  await database.sql.unsafe(`insert into torture (id, ${column}) values ($1, $2::text::${await typeOf(column)})`, [
    id,
    literal,
  ]);
  return id;
}

async function typeOf(column: string): Promise<string> {
  const [row] = await database.sql`select format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = 'torture'::regclass and attname = ${column}`;
  return row!.type;
}

async function read(options: { rejectRows?: boolean } = {}) {
  const blocks: arrow.RecordBatch[] = [];
  const connection = await sql.reserve();
  await connection.unsafe('begin');
  try {
    const leftOut = await readRows(
      { connection, table: torture, window: undefined },
      {
        selection: {},
        visit: () => true,
        rejectRows: options.rejectRows ?? true,
        onBlock: async (block) => {
          blocks.push(block);
        },
      },
    );
    return { blocks, ...leftOut };
  } finally {
    await connection.unsafe('rollback');
    connection.release();
  }
}

const values = (blocks: arrow.RecordBatch[], column: string) =>
  blocks.flatMap((block) => {
    const data = block.getChild(column)!.data[0]!;
    return Array.from({ length: data.length }, (_, row) => (data.getValid(row) ? data.values[row] : null));
  });

const texts = (blocks: arrow.RecordBatch[], column: string) => blocks.flatMap((block) => [...block.getChild(column)!]);

const decimals = (blocks: arrow.RecordBatch[], column: string) =>
  blocks.flatMap((block) => {
    const words: Uint32Array = block.getChild(column)!.data[0]!.values;
    return Array.from({ length: block.numRows }, (_, row) => decimalAt(words, row));
  });

test.each([
  ['0', 0n],
  ['0.01', 1n],
  ['-0.01', -1n],
  ['1', 100n],
  ['12.3', 1230n],
  ['10000', 1_000_000n],
  ['99999999.99', 9_999_999_999n],
  ['-99999999.99', -9_999_999_999n],
  ['56925.44', 5_692_544n],
])('money %s is carried to the cent', async (literal, unscaled) => {
  await insert('money', literal);
  expect(decimals((await read()).blocks, 'money')).toEqual([unscaled]);
});

test.each([
  ['9999999999999999999999999999.9999999999', 10n ** 38n - 1n],
  ['-9999999999999999999999999999.9999999999', 1n - 10n ** 38n],
  ['1234567890123456789012345678', 12345678901234567890123456780000000000n],
  ['0.0000000001', 1n],
])('a wide decimal %s is carried exactly', async (literal, unscaled) => {
  await insert('wide', literal);
  expect(decimals((await read()).blocks, 'wide')).toEqual([unscaled]);
});

test.each([
  '2022-11-03 14:20:52.186',
  '1969-12-31 23:59:59.999999',
  '2000-01-01 00:00:00.000001',
  '0044-03-15 12:00:00 BC',
  '4713-01-01 00:00:00 BC',
  '294246-12-31 23:59:59.999999',
])('the timestamp %s is carried with its microseconds', async (literal) => {
  await insert('at', literal);
  const [row] =
    await database.sql`select (extract(epoch from ${literal}::text::timestamp) * 1000000)::bigint::text as micros`;
  expect(values((await read()).blocks, 'at')).toEqual([BigInt(row!.micros)]);
});

test.each([
  ['2022-11-03', Date.UTC(2022, 10, 3) / 86_400_000],
  ['1969-12-31', -1],
  ['0001-01-01 BC', -719_528],
])('the date %s is carried', async (literal, days) => {
  await insert('day', literal);
  expect(values((await read()).blocks, 'day')).toEqual([days]);
});

test.each(['', "O'Keefe", 'x'.repeat(1_000_000), '🧵 — "tote" \\N \t\n$$', '\\'])(
  'text is carried byte by byte (%#)',
  async (literal) => {
    await insert('word', literal);
    expect(texts((await read()).blocks, 'word')).toEqual([literal]);
  },
);

test.each([
  ['big', '9223372036854775807', 9_223_372_036_854_775_807n],
  ['big', '-9223372036854775808', -9_223_372_036_854_775_808n],
  ['small', '-2147483648', -2_147_483_648],
  ['hour', '23:59:59.999999', 86_399_999_999n],
])('%s %s is carried', async (column, literal, value) => {
  await insert(column, literal);
  expect(values((await read()).blocks, column)).toEqual([value]);
});

test.each([
  ['money', 'NaN', 'NaN'],
  ['at', 'infinity', 'infinity'],
  ['at', '-infinity', '-infinity'],
  ['at', '294276-12-31 23:59:59', 'beyond 64 bits of microseconds'],
  ['day', 'infinity', 'infinity'],
  ['hour', '24:00:00', 'time 24:00:00'],
])('%s %s cannot be carried: its row is left out and reported', async (column, literal, reason) => {
  const before = await insert('small', '1');
  const id = await insert(column, literal);
  const after = await insert('small', '2');
  const { blocks, uncarriable } = await read();
  expect(uncarriable).toEqual([{ key: id, column, reason }]);
  expect(values(blocks, 'id')).toEqual([before, after]);
});

test('where rows are not rejected, the value alone is null', async () => {
  const id = await insert('at', 'infinity');
  const { blocks, uncarriable } = await read({ rejectRows: false });
  expect(uncarriable).toHaveLength(1);
  expect(values(blocks, 'id')).toEqual([id]);
  expect(values(blocks, 'at')).toEqual([null]);
});

test('nulls stay null in every column, however they lie among values', async () => {
  await database.sql.unsafe(`insert into torture (flag, small, big, word, money, wide, day, hour, at)
    select case when g % 3 = 0 then g % 2 = 0 end, case when g % 5 = 0 then g end, case when g % 7 = 0 then g end,
           case when g % 2 = 0 then 'w' || g end, case when g % 4 = 0 then g end, case when g % 6 = 0 then g end,
           case when g % 8 = 0 then date '2022-01-01' + g end, case when g % 9 = 0 then time '00:00' end,
           case when g % 10 = 0 then timestamp '2022-01-01' end
      from generate_series(1, 5000) g`);
  const { blocks } = await read();
  const expected = await database.sql.unsafe('select * from torture order by id');
  const columns = ['flag', 'small', 'big', 'word', 'money', 'wide', 'day', 'hour', 'at'];
  for (const column of columns) {
    const nulls = blocks.flatMap((block) => {
      const data = block.getChild(column)!.data[0]!;
      return Array.from({ length: data.length }, (_, row) => !data.getValid(row));
    });
    expect(nulls).toEqual(expected.map((row) => row[column] === null));
  }
  expect(texts(blocks, 'flag')).toEqual(expected.map((row) => row.flag));
  expect(texts(blocks, 'word')).toEqual(expected.map((row) => row.word));
});

test('blocks are cut at 200,000 rows', async () => {
  await database.sql.unsafe('insert into torture (small) select g from generate_series(1, 450000) g');
  const { blocks } = await read();
  expect(blocks.length).toBeGreaterThan(2);
  expect(Math.max(...blocks.map((block) => block.numRows))).toBeLessThan(220_000);
  expect(values(blocks, 'small')).toHaveLength(450_000);
});

const longText = (bytes: number) =>
  database.sql`
  insert into torture (word) values (repeat('x', ${bytes}::int)) returning id`.then(([row]) => Number(row!.id));

test('a text of 16 MiB is carried; one of a byte more is left out with its row, and the row is named', async () => {
  const longest = await longText(MOST_TEXT_BYTES);
  const tooLong = await longText(MOST_TEXT_BYTES + 1);
  const { blocks, withLongTexts, uncarriable } = await read();
  expect(values(blocks, 'id')).toEqual([longest]);
  expect(blocks[0]!.getChild('word')!.data[0]!.valueOffsets[1]).toBe(MOST_TEXT_BYTES);
  expect(withLongTexts).toEqual([tooLong]);
  expect(uncarriable).toEqual([]);
});

test('where rows are not rejected, a text that is too long is null, and its row is named', async () => {
  const id = await longText(MOST_TEXT_BYTES + 1);
  const { blocks, withLongTexts } = await read({ rejectRows: false });
  expect(values(blocks, 'id')).toEqual([id]);
  expect(texts(blocks, 'word')).toEqual([null]);
  expect(withLongTexts).toEqual([id]);
});

test('a row with a long text is in a block that it does not make larger than 18 MiB', async () => {
  for (const bytes of [7_000_000, 7_000_000, 7_000_000, 12_000_000]) await longText(bytes);
  const { blocks } = await read();
  const bytes = blocks.map((block) => block.getChild('word')!.data[0]!.values.length);
  expect(Math.max(...bytes)).toBeLessThan(18 * 1024 * 1024);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(33_000_000);
});
