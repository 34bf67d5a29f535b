import { bigint, boolean, date, enumeration, integer, text, time, timestamp, varchar } from '@totesys/schema';
import { columnDecoder } from '../../src/copy/column-decoder.ts';
import { exactText } from '../../src/exact-text.ts';
import { int32, int64 } from './copy-stream.ts';

const DAY = 86_400_000_000n;

test.each([
  [boolean(), Buffer.from([1]), 'true'],
  [boolean(), Buffer.from([0]), 'false'],
  [integer(), int32(-1), '-1'],
  [bigint(), int64(-(2n ** 63n)), '-9223372036854775808'],
  [text(), Buffer.from('🧵'), '🧵'],
  [text(), Buffer.alloc(0), ''],
  [varchar(3), Buffer.from('GBP'), 'GBP'],
  [enumeration('Odd', ['a']), Buffer.from('a'), 'a'],
  [date(), int32(0), '2000-01-01'],
  [date(), int32(-10_958), '1969-12-31'],
  [time(), int64(DAY - 1n), '23:59:59.999999'],
  [timestamp(6), int64(0n), '2000-01-01 00:00:00'],
  [timestamp(6), int64(-1n), '1999-12-31 23:59:59.999999'],
  // About 2^52 microseconds, where the decoder goes from doubles to bigints.
  [timestamp(6), int64(2n ** 52n - 1n), '2142-09-17 23:53:47.370495'],
  [timestamp(6), int64(2n ** 52n), '2142-09-17 23:53:47.370496'],
  [timestamp(6), int64(2n ** 63n - 1n - 10_957n * DAY), '294247-01-10 04:00:54.775807'],
])('%j: %p is decoded as %p', (type, bytes, expected) => {
  const { name, builder, decode } = columnDecoder('c', type);
  expect(name).toBe('c');
  expect(decode(Buffer.concat([Buffer.from('.'), bytes, Buffer.from('.')]), 1, bytes.length)).toBeUndefined();
  expect(exactText(type, builder.finish(), 0)).toBe(expected);
});

test.each([
  [date(), int32(0x7fff_ffff), 'infinity'],
  [date(), int32(-0x8000_0000), '-infinity'],
  [timestamp(6), int64(2n ** 63n - 1n), 'infinity'],
  [timestamp(6), int64(-(2n ** 63n)), '-infinity'],
  [timestamp(6), int64(2n ** 63n - 10_957n * DAY), 'beyond 64 bits of microseconds'],
  [time(), int64(DAY), 'time 24:00:00'],
])('%j: %p has a reason (%s) and appends nothing', (type, bytes, reason) => {
  const { builder, decode } = columnDecoder('c', type);
  expect(decode(bytes, 0, bytes.length)).toBe(reason);
  expect(builder.length).toBe(0);
});
