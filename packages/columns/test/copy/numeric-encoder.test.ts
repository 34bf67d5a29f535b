import { numeric } from '@totesys/schema';
import fc from 'fast-check';
import { columnBuilder } from '../../src/arrow/column-builder.ts';
import { decimalAt } from '../../src/arrow/words.ts';
import { CopyBuffer } from '../../src/copy/copy-buffer.ts';
import { decodeNumeric } from '../../src/copy/numeric-decoder.ts';
import { encodeNumeric } from '../../src/copy/numeric-encoder.ts';
import { NEGATIVE, POSITIVE } from '../../src/copy/numeric-format.ts';
import { columnOf } from '../record-batch-of.ts';
import { numericBytes } from './copy-stream.ts';

function encode(scale: number, unscaled: bigint): Buffer {
  const output = new CopyBuffer();
  encodeNumeric(output, scale, columnOf(numeric(38, scale), [unscaled]))(0);
  const bytes = Buffer.from(output.take());
  expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
  return bytes.subarray(4);
}

test.each([
  [2, 0n, numericBytes(POSITIVE, 0, [], 2)],
  [2, 1n, numericBytes(POSITIVE, -1, [100], 2)],
  [2, -1234n, numericBytes(NEGATIVE, 0, [12, 3400], 2)],
  [2, 1_000_000n, numericBytes(POSITIVE, 1, [1], 2)],
  [0, 120_000n, numericBytes(POSITIVE, 1, [12], 0)],
  [18, 1n, numericBytes(POSITIVE, -5, [100], 18)],
  [0, 10n ** 28n, numericBytes(POSITIVE, 7, [1], 0)],
])('at scale %i, %p is encoded without zeros at either end', (scale, unscaled, expected) => {
  expect(encode(scale, unscaled)).toEqual(expected);
});

test('every decimal of up to 38 digits is decoded again, on either side of 2^52', () => {
  const limit = 10n ** 38n - 1n;
  const unscaled = fc.oneof(
    fc.bigInt({ min: -limit, max: limit }),
    fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
    fc.constantFrom(2n ** 52n, 2n ** 52n - 1n, -(2n ** 52n), -(2n ** 52n) - 1n, limit, -limit),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 38 }), unscaled, (scale, value) => {
      const builder = columnBuilder(numeric(38, scale));
      const bytes = encode(scale, value);
      expect(decodeNumeric(builder, { precision: 38, scale })(bytes, 0, bytes.length)).toBeUndefined();
      expect(decimalAt(builder.finish().values, 0)).toBe(value);
    }),
    { numRuns: 500 },
  );
});
