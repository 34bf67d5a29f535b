import { bigint, boolean, numeric } from '@totesys/schema';
import fc from 'fast-check';
import { bitAt, decimalAt, fromWords, int64Words, isExact } from '../../src/arrow/words.ts';
import { columnOf } from '../record-batch-of.ts';

test('two words of an exact integer are that integer, and so is its sum with another one', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const [low, high] = new Int32Array(BigInt64Array.of(value).buffer);
      expect(isExact(high!)).toBe(value < 2n ** 52n && value >= -(2n ** 52n));
      if (isExact(high!)) expect(BigInt(fromWords(high!, low!) + 2 ** 52 - 1)).toBe(value + 2n ** 52n - 1n);
    }),
  );
});

test('the words of a 64-bit column have the low word of each value first', () => {
  expect([...int64Words(columnOf(bigint(), [1n, -2n]))]).toEqual([1, 0, -2, -1]);
});

test('a decimal is its unscaled integer, whatever its sign', () => {
  const values = [0n, 1n, -1n, 2n ** 64n, -(2n ** 64n), 10n ** 38n - 1n, 1n - 10n ** 38n];
  const data = columnOf(numeric(38, 0), values);
  expect(values.map((_, row) => decimalAt(data.values, row))).toEqual(values);
});

test('a bit is that of its row, beyond the first byte too', () => {
  const values = Array.from({ length: 19 }, (_, row) => row % 3 === 0);
  const data = columnOf(boolean(), values);
  expect(values.map((_, row) => bitAt(data.values, row) === 1)).toEqual(values);
});
