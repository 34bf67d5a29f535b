import { bigint, boolean, date, integer, numeric, text, time, timestamp } from '@totesys/schema';
import { columnBuilder } from '../../src/arrow/column-builder.ts';
import { copyValue } from '../../src/arrow/copy-value.ts';
import { exactText } from '../../src/exact-text.ts';
import { columnOf } from '../record-batch-of.ts';

test.each([
  [boolean(), [true, null, false]],
  [integer(), [-1, null, 2_147_483_647]],
  [date(), [-719_162, null, 0]],
  [bigint(), [-(2n ** 63n), null, 2n ** 63n - 1n]],
  [time(), [0, null, 86_399_999_999]],
  [timestamp(6), [-1n, null, 2n ** 63n - 1n]],
  [numeric(38, 10), [1n - 10n ** 38n, null, 10n ** 38n - 1n]],
  [text(), ['', null, '🧵']],
])('values and nulls of %j are copied in any order', (type, values) => {
  const data = columnOf(type, values);
  const builder = columnBuilder(type);
  for (const row of [2, 1, 0]) copyValue(data, row, builder);
  const copy = builder.finish();
  expect([0, 1, 2].map((row) => exactText(type, copy, row))).toEqual(
    [2, 1, 0].map((row) => exactText(type, data, row)),
  );
});
