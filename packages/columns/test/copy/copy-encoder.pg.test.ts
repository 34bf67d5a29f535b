import { connect, copyIn, type Sql } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { bigint, boolean, type ColumnType, date, integer, numeric, text, time, timestamp } from '@totesys/schema';
import fc from 'fast-check';
import { encodeCopy } from '../../src/copy/copy-encoder.ts';
import { recordBatchOf, type Value } from '../record-batch-of.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await connect(database.url, { subject: 'warehouse', connections: 1, applicationName: 'test' });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

// Returns values as text, after a COPY has brought them into a table.
async function roundTrip(type: ColumnType, declared: string, values: readonly Value[]): Promise<(string | null)[]> {
  const columns = [{ name: 'v', type }];
  await sql.unsafe(`drop table if exists one; create table one (n serial, v ${declared})`);
  async function* recordBatches() {
    yield recordBatchOf(
      columns,
      values.map((v) => ({ v })),
    );
  }
  await copyIn(sql, 'copy one (v) from stdin (format binary)', encodeCopy(recordBatches(), columns));
  return (await sql.unsafe('select v::text from one order by n')).map(({ v }) => v);
}

// Returns an unscaled decimal as Postgres writes it.
function decimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return scale > 0 ? `${sign}${whole}.${digits.slice(-scale)}` : `${sign}${whole}`;
}

test.each([
  [2, 'numeric(10,2)', 10],
  [0, 'numeric(12,0)', 12],
  [3, 'numeric(15,3)', 15],
  [4, 'numeric(18,4)', 18],
  [14, 'numeric(16,14)', 16],
  [18, 'numeric(20,18)', 20],
  [10, 'numeric(38,10)', 38],
])('decimals of scale %i arrive to the last digit', async (scale, declared, precision) => {
  const limit = 10n ** BigInt(precision) - 1n;
  const edges = [0n, 1n, -1n, 99n, 100n, 10_000n, -10_000n, 123_456n, limit, -limit];
  // About 2^52, where a double's digits end.
  const long = [2n ** 52n - 1n, 4_321_987_654_321_987n, -4_321_987_654_321_983n].filter(
    (value) => value <= limit && value >= -limit,
  );
  const random = fc.sample(fc.bigInt({ min: -limit, max: limit }), { numRuns: 300, seed: 7 });
  const values = [...edges, ...long, ...random];
  expect(await roundTrip(numeric(precision, scale), declared, values)).toEqual(
    values.map((value) => decimalText(value, scale)),
  );
});

test('timestamps arrive to the microsecond, from before Christ to the last year', async () => {
  const values = [
    0n,
    -1n,
    946_684_800_000_001n,
    -62_135_596_800_000_000n,
    -210_866_803_200_000_000n,
    9_223_371_244_799_999_999n,
  ];
  const got = await roundTrip(timestamp(6), 'timestamp', values);
  const [expected] = await sql.unsafe(
    `select array_agg((timestamp '1970-01-01' + (v / 1000000) * interval '1 second'
         + (v % 1000000) * interval '1 microsecond')::text order by n) as texts
       from unnest($1::bigint[]) with ordinality t (v, n)`,
    [`{${values.join(',')}}`],
  );
  expect(got.slice(0, 5)).toEqual(expected!.texts.slice(0, 5));
  expect(got[5]).toBe('294246-12-31 23:59:59.999999');
});

test.each([
  ['dates', date(), 'date', [0, -1, 19_675, -719_162], ['1970-01-01', '1969-12-31', '2023-11-14', '0001-01-01']],
  ['times', time(), 'time', [0, 1, 86_399_999_999], ['00:00:00', '00:00:00.000001', '23:59:59.999999']],
  ['integers', integer(), 'int', [0, -1, 2147483647, -2147483648], ['0', '-1', '2147483647', '-2147483648']],
  ['big integers', bigint(), 'bigint', [2n ** 63n - 1n, -(2n ** 63n)], ['9223372036854775807', '-9223372036854775808']],
  ['booleans', boolean(), 'boolean', [true, false, true], ['true', 'false', 'true']],
] as const)('%s arrive exactly, with nulls between them', async (_name, type, declared, values, texts) => {
  const withNulls = values.flatMap((value) => [value, null]);
  expect(await roundTrip(type, declared, withNulls)).toEqual(texts.flatMap((value) => [value, null]));
});

test('text arrives byte by byte, of any length', async () => {
  const values = ['', "O'Keefe", '\\N\t\n', '🧵'.repeat(10), 'x'.repeat(1_000_000), null, 'ü'.repeat(300_000)];
  expect(await roundTrip(text(), 'text', values)).toEqual(values);
});
