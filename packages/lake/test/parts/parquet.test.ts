import {
  arrowSchema,
  type BooleanBuilder,
  columnBuilder,
  type DecimalBuilder,
  type Int32Builder,
  type Int64Builder,
  type TextBuilder,
} from '@totesys/columns';
import { ErrorCode } from '@totesys/runtime';
import {
  bigint,
  boolean,
  type ColumnType,
  date,
  enumeration,
  integer,
  numeric,
  text,
  time,
  timestamp,
  varchar,
} from '@totesys/schema';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { decodeParquet, encodeParquet, openParquet } from '../../src/index.ts';
import { valuesOf } from './column-values.ts';

type Value = boolean | bigint | string | null;

const MAX_32 = 2n ** 31n - 1n;
const MAX_64 = 2n ** 63n - 1n;
const MICROSECONDS_A_DAY = 86_400_000_000n;

const integers = (min: bigint, max: bigint) => ({ edges: [null, min, 0n, -1n, max, null], any: fc.bigInt(min, max) });
const texts = {
  edges: ['', null, "O'Keefe", '00123', '👩‍🚀 日本語', ' \t\n', 'x'.repeat(70_000), null],
  any: fc.string({ unit: 'binary' }),
};

const cases: Record<string, { type: ColumnType; edges: Value[]; any: fc.Arbitrary<Value> }> = {
  boolean: { type: boolean(), edges: [true, null, false], any: fc.boolean() },
  integer: { type: integer(), ...integers(-MAX_32 - 1n, MAX_32) },
  bigint: { type: bigint(), ...integers(-MAX_64 - 1n, MAX_64) },
  text: { type: text(), ...texts },
  varchar: { type: varchar(3), ...texts },
  enumeration: { type: enumeration('Mood', ['SALE']), ...texts },
  'numeric(10,2)': { type: numeric(10, 2), ...integers(-9_999_999_999n, 9_999_999_999n) },
  'numeric(4,1)': { type: numeric(4, 1), ...integers(-9_999n, 9_999n) },
  'numeric(38,6)': { type: numeric(38, 6), ...integers(-(10n ** 38n) + 1n, 10n ** 38n - 1n) },
  date: { type: date(), ...integers(-2_440_588n, MAX_32) },
  time: { type: time(), ...integers(0n, MICROSECONDS_A_DAY - 1n) },
  timestamp: { type: timestamp(6), ...integers(-MAX_64 - 1n, MAX_64) },
};

describe.each(Object.entries(cases))('%s', (_name, { type, edges, any }) => {
  test('keeps nulls and the ends of its range', () => {
    expect(roundTrip(type, edges)).toEqual(edges);
  });

  test('keeps a column of nulls only', () => {
    expect(roundTrip(type, [null, null])).toEqual([null, null]);
  });

  test('keeps any values', () => {
    fc.assert(
      fc.property(fc.array(fc.option(any, { freq: 4 }), { maxLength: 40 }), (values) => {
        expect(roundTrip(type, values)).toEqual(values);
      }),
      { numRuns: 25, seed: 20241103 },
    );
  });

  test('has the type that it had', () => {
    const [batch] = [...decodeParquet(encodeParquet(tableOf({ value: type }, [edges])))];
    expect(batch!.schema.fields.map(String)).toEqual(arrowSchema([{ name: 'value', type }]).fields.map(String));
  });
});

test('encodes the same rows as the same bytes, whatever is stored below nulls and however they are batched', () => {
  const rows = tableOf({ value: integer() }, [[1n, null, 3n, 4n]]);
  const batches = [
    ...tableOf({ value: integer() }, [[1n, null]]).batches,
    ...tableOf({ value: integer() }, [[3n, 4n]]).batches,
  ];
  const others = new arrow.Table(batches);
  batches[0]!.data.children[0]!.values[1] = 77;
  expect(encodeParquet(rows)).toEqual(encodeParquet(rows));
  expect(encodeParquet(others)).toEqual(encodeParquet(rows));
});

test('keeps a table without rows, and its columns', () => {
  const schema = arrowSchema(Object.entries(cases).map(([name, { type }]) => ({ name, type })));
  for (const table of [new arrow.Table(schema), tableOf({ value: text() }, [[]])]) {
    const decoded = openParquet(encodeParquet(table));
    expect(decoded.rows).toBe(0);
    expect([...decoded.batches()].map(({ numRows }) => numRows)).toEqual([]);
  }
});

test('writes long texts plain and without statistics: each would be copied three times', () => {
  const long = (fill: string) => fill.repeat(200_000);
  const table = tableOf({ long: text(), short: text() }, [
    [long('a'), null, long('b')],
    ['a', null, 'b'],
  ]);
  const bytes = encodeParquet(table);
  const [longColumn, shortColumn] = parquetMetadata(bytes.slice().buffer as ArrayBuffer).row_groups[0]!.columns;
  expect(longColumn!.meta_data).toMatchObject({ encodings: ['PLAIN', 'RLE'] });
  expect(longColumn!.meta_data!.statistics).toBeUndefined();
  expect(shortColumn!.meta_data!.encodings).toContain('RLE_DICTIONARY');
  expect(shortColumn!.meta_data!.statistics).toMatchObject({ min_value: 'a', max_value: 'b' });
  expect([...decodeParquet(bytes)].flatMap((batch) => valuesOf(batch, 0))).toEqual([long('a'), null, long('b')]);
});

test('has only encodings and types that every engine decodes, whatever the values', () => {
  // The texts outgrow a dictionary, 1 MB; the other values do not.
  const many = Array.from({ length: 15_000 }, (_, i) => BigInt(i) * 7n);
  const texts = many.map((value) => `text ${value}`.padEnd(100));
  const booleans = many.map((value) => value % 3n === 0n);
  const numbers = many.map((value) => value % 9_999n);
  const columns = Object.entries(cases).map(([name, { type }]) => ({ name, type }));
  const valuesFor = ({ type }: { type: ColumnType }) => {
    if (type.kind === 'boolean') return booleans;
    return ['text', 'varchar', 'enum'].includes(type.kind) ? texts : numbers;
  };
  const table = tableOf(Object.fromEntries(columns.map(({ name, type }) => [name, type])), columns.map(valuesFor));
  const { row_groups, schema } = parquetMetadata(encodeParquet(table).slice().buffer as ArrayBuffer);
  const encodings = row_groups.flatMap(({ columns }) => columns.flatMap(({ meta_data }) => meta_data!.encodings));
  for (const encoding of encodings) expect(['PLAIN', 'RLE', 'RLE_DICTIONARY']).toContain(encoding);
  for (const { logical_type, type } of schema.slice(1)) {
    expect(['BOOLEAN', 'INT32', 'INT64', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']).toContain(type);
    expect([undefined, 'STRING', 'DECIMAL', 'DATE', 'TIMESTAMP', 'INTEGER']).toContain(logical_type?.type);
    if (logical_type?.type === 'INTEGER') expect(logical_type.isSigned).toBe(true);
    if (logical_type?.type === 'TIMESTAMP')
      expect(logical_type).toMatchObject({ isAdjustedToUTC: false, unit: 'MICROS' });
  }
});

test('reads in batches of at most 100,000 rows, in order', () => {
  const values = Array.from({ length: 200_001 }, (_, i) => BigInt(i * 7));
  const decoded = openParquet(encodeParquet(tableOf({ value: integer() }, [values])));
  expect(decoded.rows).toBe(200_001);
  const batches = [...decoded.batches()];
  expect(batches.map(({ numRows }) => numRows)).toEqual([100_000, 100_000, 1]);
  // toEqual takes seconds for that many values.
  const read = batches.flatMap((batch) => valuesOf(batch, 0));
  expect(read.findIndex((value, i) => value !== values[i])).toBe(-1);
});

test('refuses a file that is cut off, whose middle is damaged, or that is none', () => {
  const whole = encodeParquet(tableOf({ value: text() }, [Array.from({ length: 500 }, (_, i) => `row ${i}`)]));
  const damaged = whole.slice();
  damaged.fill(0xff, 4, 60);
  for (const bytes of [whole.slice(0, -1), whole.slice(0, 100), new Uint8Array(), Buffer.from('no Parquet'), damaged]) {
    expect(() => [...decodeParquet(bytes)]).toThrow(expect.objectContaining({ code: ErrorCode.OBJECT_CORRUPT }));
  }
  expect(openParquet(whole).rows).toBe(500);
});

function roundTrip(type: ColumnType, values: readonly Value[]): Value[] {
  return [...decodeParquet(encodeParquet(tableOf({ value: type }, [values])))].flatMap((batch) => valuesOf(batch, 0));
}

function tableOf(columns: Record<string, ColumnType>, values: readonly (readonly Value[])[]): arrow.Table {
  const schema = arrowSchema(Object.entries(columns).map(([name, type]) => ({ name, type })));
  const children = Object.values(columns).map((type, i) => columnData(type, values[i]!));
  const length = values[0]!.length;
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children });
  return new arrow.Table([new arrow.RecordBatch(schema, data)]);
}

function columnData(type: ColumnType, values: readonly Value[]): arrow.Data {
  const builder = columnBuilder(type);
  for (const value of values) {
    if (value === null) builder.appendNull();
    else if (typeof value === 'string') (builder as TextBuilder).append(value);
    else if (typeof value === 'boolean') (builder as BooleanBuilder).append(value);
    else if (type.kind === 'numeric') (builder as DecimalBuilder).appendBigInt(value);
    else if (type.kind === 'integer' || type.kind === 'date') (builder as Int32Builder).append(Number(value));
    else (builder as Int64Builder).appendBigInt(value);
  }
  return builder.finish();
}
