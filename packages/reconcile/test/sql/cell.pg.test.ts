import { type Connection, connect, type Sql } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import fc from 'fast-check';
import { agreeOnHashing } from '../../src/rows/agree-on-hashing.ts';
import { type CellKind, cellText, type Hashing, hashCell } from '../../src/sql/cell.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = await connect(database.url, { subject: 'source', connections: 1, applicationName: 'cell-test' });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

const HASHINGS: readonly Hashing[] = [
  { by: 'postgres', inUtf8: false },
  { by: 'postgres', inUtf8: true },
  { by: 'md5', inUtf8: false },
];

const two = (n: number) => String(n).padStart(2, '0');
const micros = fc.nat(86_399_999_999).map((n) => {
  const seconds = Math.floor(n / 1e6);
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part))).join(':');
  return `${clock}.${String(n % 1e6).padStart(6, '0')}`;
});
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

/** Values of each kind as texts that Postgres reads, close to each other, so that equal values and neighbours occur. */
const VALUES: Readonly<Record<CellKind, readonly [string, fc.Arbitrary<string>]>> = {
  boolean: ['boolean', fc.constantFrom('true', 'false')],
  integer: ['integer', fc.integer().map(String)],
  bigint: ['bigint', fc.maxSafeInteger().map(String)],
  text: ['text', fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0'))],
  numeric: [
    'numeric',
    fc
      .tuple(fc.integer(), fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1, max: 6 }))
      .map(([whole, part, digits]) => `${whole}.${String(part).padStart(4, '0')}${'0'.repeat(digits)}`),
  ],
  date: ['date', fc.oneof(day, fc.constantFrom('infinity', '-infinity', '4714-11-24 BC', '5874897-12-31'))],
  time: ['time', micros],
  timestamp: [
    'timestamp',
    fc.oneof(
      fc.tuple(day, micros).map((parts) => parts.join(' ')),
      fc.constant('infinity'),
    ),
  ],
};

const KINDS = (Object.keys(VALUES) as CellKind[]).flatMap((kind) => HASHINGS.map((hashing) => ({ kind, ...hashing })));

test.each(KINDS)(
  'equal values of $kind have equal hashes, and different values have different ones (by $by, in UTF-8: $inUtf8)',
  async (given) => {
    const [type, values] = VALUES[given.kind];
    const hash = (value: string) => hashCell({ kind: given.kind, value, key: '7::bigint', column: 3 }, given);
    const one = `nullif($1::text, 'null')::${type}`;
    const other = `nullif($2::text, 'null')::${type}`;
    const statement = `select ${hash(one)} = ${hash(other)} as same, (${one}) is not distinct from (${other}) as equal,
    ${cellText(given.kind, one)} is not distinct from ${cellText(given.kind, other)} as written`;
    const value = fc.oneof({ weight: 8, arbitrary: values }, fc.constant('null'));
    const pair = fc.oneof(
      fc.tuple(value, value),
      value.map((same) => [same, same] as const),
    );
    await fc.assert(
      fc.asyncProperty(pair, async ([left, right]) => {
        const [row] = await sql.unsafe(statement, [left, right]);
        expect({ ...row }).toEqual({ same: row!.equal, equal: row!.equal, written: row!.equal });
      }),
      { numRuns: 60 },
    );
  },
);

test.each(HASHINGS)('different values have different hashes, however similar they are (%j)', async (hashing) => {
  const hash = (kind: CellKind, value: string, key = '7', column = 0) =>
    hashCell({ kind, value, key: `${key}::bigint`, column }, hashing);
  const cells = [
    hash('text', `''::text`),
    hash('text', 'null::text'),
    hash('text', `' '::text`),
    hash('text', `'NULL'::text`),
    hash('text', `'a'::text`),
    hash('text', `'a '::text`),
    hash('text', `'A'::text`),
    hash('text', `U&'\\00E9'::text`),
    hash('text', `U&'e\\0301'::text`),
    // The same text in another column and in other rows.
    hash('text', `'a'::text`, '7', 1),
    hash('text', `'a'::text`, '8', 0),
    hash('text', `'a'::text`, '-7', 0),
    hash('numeric', '0::numeric', '7', 2),
    hash('numeric', `'NaN'::numeric`, '7', 2),
    hash('numeric', 'null::numeric', '7', 2),
    hash('numeric', '0.01::numeric', '7', 2),
    hash('numeric', '-0.01::numeric', '7', 2),
    hash('numeric', '0.1::numeric', '7', 2),
    hash('numeric', '100::numeric', '7', 2),
    // Values that fold to the same 32 bits.
    hash('bigint', '5', '7', 3),
    hash('bigint', '4294967300', '7', 3),
    hash('bigint', '-5', '7', 3),
    hash('time', `time '00:00:00.000005'`, '7', 4),
    hash('time', `time '01:11:34.967300'`, '7', 4),
    hash('timestamp', `timestamp '2000-01-01 00:00:00.000005'`, '7', 5),
    hash('timestamp', `timestamp '2000-01-01 01:11:34.967300'`, '7', 5),
    hash('timestamp', `timestamp '2000-02-19 17:02:47.370000'`, '7', 5),
    hash('timestamp', `timestamp 'infinity'`, '7', 5),
    hash('timestamp', `timestamp '-infinity'`, '7', 5),
  ];
  const [row] = await sql.unsafe(
    `select count(distinct hash)::int as hashes from unnest(array[${cells.join(', ')}]) hash`,
  );
  expect(row!.hashes).toBe(cells.length);
});

test('compares texts by their bytes, even where the collation of the column treats them as equal', async () => {
  await sql.unsafe(`create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`);
  const cell = { kind: 'text', key: '1::bigint', column: 0 } as const;
  const hash = (text: string) => hashCell({ ...cell, value: `'${text}'::text collate loose` }, HASHINGS[0]!);
  const [row] = await sql.unsafe(`select ${hash('b')} = ${hash('B')} as same, 'b' = 'B' collate loose as loosely`);
  expect({ ...row }).toEqual({ same: false, loosely: true });
});

test('ignores trailing zeros of a decimal', async () => {
  const cell = { kind: 'numeric', key: '1::bigint', column: 0 } as const;
  const hash = (value: string) => hashCell({ ...cell, value }, HASHINGS[0]!);
  const [row] = await sql.unsafe(
    `select ${hash('1.5::numeric')} = ${hash('1.500::numeric(10,3)')} as same,
            ${cellText('numeric', '100.00')} as text`,
  );
  expect({ ...row }).toEqual({ same: true, text: '100' });
});

test('servers with different encodings agree on the bytes of UTF-8', async () => {
  const name = `latin_${process.pid}`;
  await database.sql.unsafe(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
  try {
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    const latin = await connect(url.href, { subject: 'warehouse', connections: 1, applicationName: 'cell-test' });
    try {
      const hashing = await agreeOnHashing(sql as unknown as Connection, latin as unknown as Connection);
      expect(hashing).toEqual({ by: 'postgres', inUtf8: true });
      const cell = { kind: 'text', value: `'Zoë'::text`, key: '1::bigint', column: 0 } as const;
      const statement = `select ${hashCell(cell, hashing)}::text as hash`;
      const [[mine], [theirs]] = await Promise.all([sql.unsafe(statement), latin.unsafe(statement)]);
      expect(mine!.hash).toBe(theirs!.hash);
    } finally {
      await latin.end();
    }
  } finally {
    await database.sql.unsafe(`drop database ${name}`);
  }
});

test('servers with different hash functions agree on MD5', async () => {
  const other = { unsafe: async () => [{ encoding: 'UTF8', hashes: '{1,2,3}' }] } as unknown as Connection;
  expect(await agreeOnHashing(sql as unknown as Connection, other)).toEqual({ by: 'md5', inUtf8: false });
});
