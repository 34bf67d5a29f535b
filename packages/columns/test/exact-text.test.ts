import {
  bigint,
  boolean,
  date,
  enumeration,
  integer,
  numeric,
  optional,
  required,
  sourceTable,
  text,
  time,
  timestamp,
} from '@totesys/schema';
import { exactRow, exactText, textAt } from '../src/exact-text.ts';
import { columnOf, recordBatchOf } from './record-batch-of.ts';

test.each([
  [boolean(), true, 'true'],
  [boolean(), false, 'false'],
  [integer(), -2_147_483_648, '-2147483648'],
  [bigint(), 9_223_372_036_854_775_807n, '9223372036854775807'],
  [numeric(10, 2), 123_456n, '1234.56'],
  [numeric(10, 2), -5n, '-0.05'],
  [numeric(12, 0), -120n, '-120'],
  [numeric(38, 10), 10n ** 38n - 1n, '9999999999999999999999999999.9999999999'],
  [date(), 0, '1970-01-01'],
  [date(), -719_529, '0002-12-31 BC'],
  [date(), 2_932_897, '10000-01-01'],
  [time(), 86_399_999_999, '23:59:59.999999'],
  [time(), 3_600_500_000, '01:00:00.5'],
  [timestamp(6), -1n, '1969-12-31 23:59:59.999999'],
  [timestamp(6), -62_167_219_200_000_001n, '0002-12-31 23:59:59.999999 BC'],
  [timestamp(3), 1_700_000_000_186_000n, '2023-11-14 22:13:20.186'],
  [text(), '🧵 \\N', '🧵 \\N'],
  [text(), '', ''],
  [enumeration('Odd', ['a b']), 'a b', 'a b'],
  [text(), null, null],
])('%j: %p is %p', (type, value, expected) => {
  expect(exactText(type, columnOf(type, [null, value]), 1)).toBe(expected);
});

test('a time that travels as a timestamp is its time of day', () => {
  expect(exactText(time(), columnOf(timestamp(6), [-1n]), 0)).toBe('23:59:59.999999');
});

test('a row is JSON with the exact text of each column', () => {
  const table = sourceTable('t', 'id', {
    id: required(integer()),
    money: optional(numeric(10, 2)),
    at: optional(date()),
  });
  const columns = Object.entries(table.columns).map(([name, { type }]) => ({ name, type }));
  const rows = recordBatchOf(columns, [{ id: 1 }, { id: 2, money: 1230n }]);
  expect(JSON.parse(exactRow(table, rows, 1))).toEqual({ id: '2', money: '12.30', at: null });
});

test('a text is read from its own bytes', () => {
  const data = columnOf(text(), ['a', 'üb', 'c']);
  expect([0, 1, 2].map((row) => textAt(data, row))).toEqual(['a', 'üb', 'c']);
});
