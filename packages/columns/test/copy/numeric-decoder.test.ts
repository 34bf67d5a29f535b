import { numeric } from '@totesys/schema';
import { columnBuilder } from '../../src/arrow/column-builder.ts';
import { decodeNumeric } from '../../src/copy/numeric-decoder.ts';
import { MINUS_INFINITY, NAN, NEGATIVE, PLUS_INFINITY, POSITIVE } from '../../src/copy/numeric-format.ts';
import { exactText } from '../../src/exact-text.ts';
import { numericBytes } from './copy-stream.ts';

function decode(precision: number, scale: number, bytes: Buffer) {
  const type = numeric(precision, scale);
  const builder = columnBuilder(type);
  const reason = decodeNumeric(builder, { precision, scale })(bytes, 0, bytes.length);
  return reason === undefined ? exactText(type, builder.finish(), 0) : { reason, length: builder.length };
}

test.each([
  [10, 2, numericBytes(POSITIVE, 0, []), '0.00'],
  [10, 2, numericBytes(POSITIVE, -1, [100]), '0.01'],
  [10, 2, numericBytes(NEGATIVE, 0, [12, 3400]), '-12.34'],
  [10, 2, numericBytes(POSITIVE, 1, [9999, 9999, 9900]), '99999999.99'],
  [10, 2, numericBytes(POSITIVE, 1, [1]), '10000.00'],
  [30, 0, numericBytes(POSITIVE, 7, [1]), '10000000000000000000000000000'],
  [38, 10, numericBytes(NEGATIVE, -3, [100]), '-0.0000000001'],
  [38, 10, numericBytes(POSITIVE, 6, [...new Array(9).fill(9999), 9900]), `${'9'.repeat(28)}.${'9'.repeat(10)}`],
  [38, 4, numericBytes(POSITIVE, 0, [1, 2, 0, 0]), '1.0002'],
])('numeric(%i,%i): %p is decoded as %p', (precision, scale, bytes, expected) => {
  expect(decode(precision, scale, bytes)).toBe(expected);
});

test.each([
  ['NaN', 10, 2, numericBytes(NAN, 0, [])],
  ['infinity', 10, 2, numericBytes(PLUS_INFINITY, 0, [])],
  ['-infinity', 10, 2, numericBytes(MINUS_INFINITY, 0, [])],
  ['more decimals than the column has', 10, 2, numericBytes(POSITIVE, 0, [1, 1])],
  ['more decimals than the column has', 10, 2, numericBytes(POSITIVE, -5, [1])],
  ['more decimals than the column has', 38, 2, numericBytes(POSITIVE, 3, [1, 2, 3, 4, 5])],
  ['more digits than the column has', 10, 2, numericBytes(NEGATIVE, 2, [1])],
  ['more digits than the column has', 38, 0, numericBytes(POSITIVE, 30_000, [1])],
  ['more digits than the column has', 38, 10, numericBytes(POSITIVE, 7, [1, 0, 0, 0, 1])],
])('%s is a reason, and nothing is appended (numeric(%i,%i), %p)', (reason, precision, scale, bytes) => {
  expect(decode(precision, scale, bytes)).toEqual({ reason, length: 0 });
});
