import { bigint, boolean, type ColumnType, date, integer, numeric, text, time, timestamp } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { columnBuilder } from '../../src/arrow/column-builder.ts';
import { decimalAt } from '../../src/arrow/words.ts';
import { columnOf, type Value } from '../record-batch-of.ts';

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const INT128 = { min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n };

const CASES: readonly (readonly [ColumnType, fc.Arbitrary<Value>])[] = [
  [boolean(), fc.boolean()],
  [integer(), fc.integer()],
  [date(), fc.integer()],
  [bigint(), fc.bigInt(INT64)],
  [time(), fc.bigInt(INT64)],
  [timestamp(6), fc.bigInt(INT64)],
  [numeric(38, 10), fc.bigInt(INT128)],
  [text(), fc.string({ unit: 'binary', maxLength: 60 })],
];

// The values of a column as they were appended, straight from its buffers.
function valuesOf(data: arrow.Data): Value[] {
  const vector = arrow.makeVector(data);
  return Array.from({ length: data.length }, (_, row) => {
    if (!data.getValid(row)) return null;
    if (arrow.DataType.isDecimal(data.type)) return decimalAt(data.values, row);
    if (arrow.DataType.isUtf8(data.type) || arrow.DataType.isBool(data.type)) return vector.get(row);
    return data.values[row];
  });
}

test.each(CASES)('a column of %j holds every value and null, past the first 1,024 rows', (type, value) => {
  const values = fc.sample(fc.option(value, { freq: 5 }), { numRuns: 2500, seed: 7 });
  const data = columnOf(type, values);
  expect(data.nullCount).toBe(values.filter((value) => value === null).length);
  expect(valuesOf(data)).toEqual(values);
});

test('doubles within ±2^53 become the same integers', () => {
  const integers = columnBuilder(bigint());
  const decimals = columnBuilder(numeric(38, 0));
  const values = [0, -1, 1, 2 ** 32, -(2 ** 32), 2 ** 53, -(2 ** 53), 4_294_967_295, -4_294_967_297];
  for (const value of values) {
    integers.append(value);
    decimals.append(value);
  }
  expect(valuesOf(integers.finish())).toEqual(values.map(BigInt));
  expect(valuesOf(decimals.finish())).toEqual(values.map(BigInt));
});

test('a removed row leaves neither its value nor its null', () => {
  const builder = columnBuilder(text());
  builder.append('kept');
  builder.appendNull();
  builder.removeLast();
  builder.append('dropped');
  builder.removeLast();
  builder.append('next');
  const data = builder.finish();
  expect(data.nullCount).toBe(0);
  expect(valuesOf(data)).toEqual(['kept', 'next']);
});

test('finish empties the builder and leaves what it returned alone', () => {
  const builder = columnBuilder(text());
  builder.append('first');
  builder.appendNull();
  const first = builder.finish();
  expect([builder.length, builder.nullCount, builder.sizeBytes]).toEqual([0, 0, 0]);
  builder.append('other');
  expect(valuesOf(first)).toEqual(['first', null]);
  expect(valuesOf(builder.finish())).toEqual(['other']);
});

test('the size counts the bytes of the values', () => {
  const builder = columnBuilder(text());
  builder.append('ü');
  builder.append('🧵');
  expect(builder.sizeBytes).toBe(2 + 4 + 2 * 4);
});
