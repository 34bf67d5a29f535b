import { memoryStore, readPart, writePart } from '@totesys/lake';
import { type Connection, connect, copyIn, type Sql } from '@totesys/runtime';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { quoteIdentifier, quoteIdentifiers } from '@totesys/schema';
import fc from 'fast-check';
import { ODD_LABELS, TYPE_CASES } from '../../../../scripts/docs/type-cases.ts';
import { encodeCopy } from '../../../columns/src/copy/copy-encoder.ts';
import { readRows } from '../../../source/src/rows/read-rows.ts';
import { createTorture, owner } from './torture-model.ts';

const ROWS = 400;
const COLUMNS = Object.entries(owner.columns).map(([name, { type }]) => ({ name, type }));

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql.unsafe(createTorture);
  sql = await connect(database.url, { subject: 'source', connections: 1, applicationName: 'round-trip' });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

// A decimal of so many digits, written out; most are long, some are near zero.
const decimal = (precision: number, scale: number) =>
  fc.integer({ min: 1, max: precision }).chain((digits) =>
    fc.bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n }).map((unscaled) => {
      const text = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
      return `${unscaled < 0n ? '-' : ''}${text.slice(0, text.length - scale)}${scale > 0 ? `.${text.slice(-scale)}` : ''}`;
    }),
  );
// The moments that 64 bits of microseconds since 1970 hold and Postgres knows, as an interval from its epoch.
const moment = fc
  .bigInt({ min: -210_866_803_200_000_000n, max: 9_223_372_036_854_775_807n })
  .map((micros) => `${micros}`);
const day = fc.integer({ min: -2_440_588, max: 2_145_042_541 }).map(String);
const word = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', ''));
const shortWord = fc
  .array(fc.constantFrom('a', 'ß', '🧵', ' ', '\\', "'"), { maxLength: 3 })
  .map((letters) => letters.join(''));

/** A value of each column as text, and how SQL makes the value from it. */
const VALUES: Readonly<Record<string, readonly [fc.Arbitrary<string>, (text: string) => string]>> = {
  flag: [fc.boolean().map(String), (text) => `${text}::boolean`],
  small: [fc.integer().map(String), (text) => `${text}::int`],
  big: [fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), (text) => `${text}::bigint`],
  money: [decimal(10, 2), (text) => `${text}::numeric(10,2)`],
  wide: [decimal(38, 10), (text) => `${text}::numeric(38,10)`],
  whole: [decimal(30, 0), (text) => `${text}::numeric(30,0)`],
  fine: [decimal(30, 30), (text) => `${text}::numeric(30,30)`],
  free: [decimal(20, 4), (text) => `${text}::numeric`],
  word: [word, (text) => text],
  short: [shortWord, (text) => text],
  label: [fc.constantFrom(...ODD_LABELS), (text) => `${text}::"Odd"`],
  day: [day, (text) => `date '1970-01-01' + ${text}::int`],
  hour: [
    fc.integer({ min: 0, max: 86_399_999_999 }).map(String),
    (text) => `time '00:00' + ${text}::bigint * interval '1 microsecond'`,
  ],
  stamp: [
    fc.integer({ min: -(2 ** 45), max: 2 ** 45 }).map(String),
    (text) => `timestamp '1970-01-01' + ${text}::bigint * interval '1 millisecond'`,
  ],
  // In days and microseconds of the day: an interval of all of it in microseconds would pass through a double.
  at: [
    moment,
    (text) => `timestamp '1970-01-01' + (${text}::numeric / 86400000000)::numeric(12,0)::int * interval '1 day'
      + (${text}::numeric - (${text}::numeric / 86400000000)::numeric(12,0) * 86400000000)::bigint * interval '1 microsecond'`,
  ],
};

async function insert(rows: readonly Readonly<Record<string, string | null>>[]): Promise<void> {
  const names = TYPE_CASES.map(({ column }) => column);
  const texts = quoteIdentifiers(names);
  const values = names.map((name) => VALUES[name]![1](`r.${quoteIdentifier(name)}`));
  const types = names.map((name) => `${quoteIdentifier(name)} text`).join(', ');
  await sql.unsafe(
    `insert into owner (id, ${texts}) select r.id, ${values.join(', ')}
       from jsonb_to_recordset($1::text::jsonb) as r (id int, ${types})`,
    [JSON.stringify(rows.map((row, i) => ({ id: i + 1, ...row })))],
  );
}

test.each([1, 2, 3])('random rows go through decoder, Parquet and encoder unchanged (seed %i)', async (seed) => {
  const row = fc.record(
    Object.fromEntries(TYPE_CASES.map(({ column }) => [column, fc.option(VALUES[column]![0], { freq: 4 })])),
  );
  const rows = fc.sample(row, { numRuns: ROWS, seed });
  await sql.unsafe('truncate owner; drop table if exists arrived; create table arrived (like owner)');
  await insert(rows);

  const store = memoryStore();
  const reserved = (await sql.reserve()) as Connection;
  await reserved.unsafe('begin');
  const parts: Awaited<ReturnType<typeof writePart>>[] = [];
  const { uncarriable } = await readRows(
    { connection: reserved, table: owner, window: undefined },
    {
      selection: {},
      visit: () => true,
      rejectRows: true,
      onBlock: async (block) => {
        parts.push(await writePart(store, 'rows/', [block]));
      },
    },
  );
  await reserved.unsafe('commit');
  (reserved as Awaited<ReturnType<Sql['reserve']>>).release();
  expect(uncarriable).toEqual([]);

  async function* batches() {
    for (const part of parts) yield* readPart(store, part);
  }
  const columns = COLUMNS.map(({ name, type }) => ({
    name,
    type: type.kind === 'enum' ? { kind: 'text' as const } : type,
  }));
  await sql.unsafe('alter table arrived alter column label type text');
  await copyIn(
    sql,
    `copy arrived (${quoteIdentifiers(columns.map(({ name }) => name))}) from stdin (format binary)`,
    encodeCopy(batches(), columns),
  );
  const names = columns.map(({ name }) => name).filter((name) => name !== 'label');
  const differing = await sql.unsafe(
    `select o.id from owner o full join arrived a using (id)
      where (${quoteIdentifiers(names, 'o')}) is distinct from (${quoteIdentifiers(names, 'a')}) or o.label::text is distinct from a.label`,
  );
  expect(differing).toEqual([]);
  const [count] = await sql.unsafe('select count(*)::int as rows from arrived');
  expect(count!.rows).toBe(ROWS);
});
