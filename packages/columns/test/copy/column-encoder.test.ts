import { bigint, boolean, date, integer, numeric, text, time, timestamp } from '@totesys/schema';
import { columnDecoder } from '../../src/copy/column-decoder.ts';
import { columnEncoder } from '../../src/copy/column-encoder.ts';
import { CopyBuffer } from '../../src/copy/copy-buffer.ts';
import { exactText } from '../../src/exact-text.ts';
import { columnOf } from '../record-batch-of.ts';
import { int32, int64, numericBytes } from './copy-stream.ts';

const DAY = 86_400_000_000n;

test.each([
  [boolean(), true, Buffer.from([1])],
  [integer(), -2_147_483_648, int32(-2_147_483_648)],
  [date(), 0, int32(-10_957)],
  [bigint(), 2n ** 63n - 1n, int64(2n ** 63n - 1n)],
  [time(), 86_399_999_999, int64(DAY - 1n)],
  [timestamp(6), -1n, int64(-10_957n * DAY - 1n)],
  [text(), 'üb', Buffer.from('üb')],
  [text(), '', Buffer.alloc(0)],
])('%j: %p is encoded as its length and its bytes, and decoded again', (type, value, bytes) => {
  const output = new CopyBuffer();
  const data = columnOf(type, [null, value]);
  const encode = columnEncoder(output, type, data);
  encode(0);
  expect(output.take()).toEqual(int32(-1));
  encode(1);
  const encoded = output.take();
  expect(Buffer.from(encoded)).toEqual(Buffer.concat([int32(bytes.length), bytes]));
  const { builder, decode } = columnDecoder('c', type);
  expect(decode(encoded, 4, bytes.length)).toBeUndefined();
  expect(exactText(type, builder.finish(), 0)).toBe(exactText(type, data, 1));
});

test('a time that travels as a timestamp is encoded as its time of day', () => {
  const output = new CopyBuffer();
  columnEncoder(output, time(), columnOf(timestamp(6), [-1n]))(0);
  expect(Buffer.from(output.take())).toEqual(Buffer.concat([int32(8), int64(DAY - 1n)]));
});

test('a decimal has the scale of its type', () => {
  const output = new CopyBuffer();
  columnEncoder(output, numeric(10, 2), columnOf(numeric(10, 2), [0n]))(0);
  expect(Buffer.from(output.take())).toEqual(Buffer.concat([int32(8), numericBytes(0, 0, [], 2)]));
});
