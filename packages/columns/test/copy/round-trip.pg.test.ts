import { connect, copyIn, copyOut, type Sql } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import {
  bigint,
  boolean,
  type ColumnType,
  date,
  enumeration,
  integer,
  numeric,
  plainNumeric,
  text,
  time,
  timestamp,
  varchar,
} from '@totesys/schema';
import { arrowSchema, recordBatch } from '../../src/arrow/arrow-type.ts';
import { columnDecoder } from '../../src/copy/column-decoder.ts';
import { CopyDecoder, type Uncarriable } from '../../src/copy/copy-decoder.ts';
import { encodeCopy } from '../../src/copy/copy-encoder.ts';
import { exactText } from '../../src/exact-text.ts';

const LONG = '🧵 and ü, '.repeat(40_000);

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await connect(database.url, { subject: 'source', connections: 1, applicationName: 'test' });
  await sql.unsafe(`create type odd as enum ('plain', 'with space', '🧵')`);
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

// Reads the values of a table, each as Arrow data and as text, and the reasons of those that Arrow cannot carry.
async function read(type: ColumnType) {
  const columns = [{ name: 'v', type }];
  const decoders = columns.map(({ name }) => columnDecoder(name, type));
  const decoder = new CopyDecoder(decoders, { table: 'one', bigKeys: false, rejectRows: true, visit: () => true });
  const statement = 'copy (select xmin, id, v from one order by id) to stdout (format binary)';
  for await (const chunk of copyOut(sql, statement)) decoder.push(chunk);
  decoder.end();
  const children = decoders.map(({ builder }) => builder.finish());
  const rows = recordBatch(arrowSchema(columns), children, decoder.rows);
  const texts = Array.from({ length: decoder.rows }, (_, row) => exactText(type, children[0]!, row));
  return { columns, rows, texts, uncarriable: decoder.uncarriable };
}

async function create(declared: string, values: readonly (string | null)[]): Promise<void> {
  await sql.unsafe(`drop table if exists one, two; create table one (id serial primary key, v ${declared})`);
  await sql.unsafe(
    `insert into one (v) select v::${declared} from unnest($1::text[]) with ordinality t (v, n) order by n`,
    [[...values]],
  );
}

test.each<readonly [string, ColumnType, readonly string[]]>([
  ['boolean', boolean(), ['true', 'false']],
  ['integer', integer(), ['0', '-1', '2147483647', '-2147483648']],
  ['bigint', bigint(), ['0', '9007199254740993', '9223372036854775807', '-9223372036854775808']],
  ['numeric(10,2)', numeric(10, 2), ['0', '0.01', '-0.01', '12.30', '10000', '99999999.99', '-99999999.99']],
  ['numeric(38,10)', numeric(38, 10), ['0.0000000001', '1234567890123456789012345678.1234567891', '-1']],
  ['numeric(30,0)', numeric(30, 0), ['100000000', '-123456789012345678901234567890']],
  ['numeric', plainNumeric(20, 4), ['12.3', '-9999999999999999.9999', '0.0001']],
  ['text', text(), ['', ' ', "O'Keefe", '\\N', '\t\r\n', 'e\u0301', LONG]],
  ['varchar(3)', varchar(3), ['GBP', '🧵', '']],
  ['odd', enumeration('odd', ['plain', 'with space', '🧵']), ['plain', 'with space', '🧵']],
  ['date', date(), ['1970-01-01', '1969-12-31', '2024-02-29', '4714-11-24 BC', '5874897-12-31']],
  ['time', time(), ['00:00:00', '00:00:00.000001', '23:59:59.999999']],
  ['timestamp(3)', timestamp(3), ['2022-11-03 14:20:52.186', '1999-12-31 23:59:59.999']],
  [
    'timestamp',
    timestamp(6),
    ['2000-01-01 00:00:00', '1969-12-31 23:59:59.999999', '4714-11-24 00:00:00 BC', '294246-12-31 23:59:59.999999'],
  ],
])('%s goes to Arrow and back unchanged, with nulls between the values', async (declared, type, values) => {
  await create(declared, [null, ...values.flatMap((value) => [value, null])]);
  const expected = await sql.unsafe('select v::text as v from one order by id');
  const { columns, rows, texts, uncarriable } = await read(type);
  expect(uncarriable).toEqual([]);
  if (type.kind !== 'numeric') expect(texts).toEqual(expected.map(({ v }) => v));

  await sql.unsafe(`create table two (id serial primary key, v ${declared})`);
  async function* recordBatches() {
    yield rows;
  }
  await copyIn(sql, 'copy two (v) from stdin (format binary)', encodeCopy(recordBatches(), columns));
  const differing = await sql.unsafe(
    'select id, one.v as one, two.v as two from one full join two using (id) where one.v is distinct from two.v',
  );
  expect(differing).toEqual([]);
});

test.each<readonly [string, ColumnType, string, string]>([
  ['numeric(10,2)', numeric(10, 2), 'NaN', 'NaN'],
  ['numeric', plainNumeric(20, 4), '12.30001', 'more decimals than the column has'],
  ['numeric', plainNumeric(20, 4), '1e16', 'more digits than the column has'],
  ['numeric', plainNumeric(20, 4), '1e1000', 'more digits than the column has'],
  ['date', date(), 'infinity', 'infinity'],
  ['date', date(), '-infinity', '-infinity'],
  ['time', time(), '24:00:00', 'time 24:00:00'],
  ['timestamp', timestamp(6), 'infinity', 'infinity'],
  ['timestamp', timestamp(6), '-infinity', '-infinity'],
  ['timestamp', timestamp(6), '294276-12-31 23:59:59', 'beyond 64 bits of microseconds'],
])(
  '%s: the row of a value that Arrow cannot carry is left out, with the reason (%j, %s)',
  async (declared, type, value, reason) => {
    await create(declared, [null, value, null]);
    const { texts, uncarriable } = await read(type);
    expect(texts).toEqual([null, null]);
    expect(uncarriable).toEqual<Uncarriable[]>([{ key: 2, column: 'v', reason }]);
  },
);
