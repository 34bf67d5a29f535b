import type * as arrow from 'apache-arrow';
import {
  BooleanBuilder,
  type ColumnBuilder,
  DecimalBuilder,
  Int32Builder,
  Int64Builder,
  TextBuilder,
} from './column-builder.ts';
import { bitAt, decimalAt } from './words.ts';

/** Appends the value or the null at `row` of a column to a builder of the same type. */
export function copyValue(data: arrow.Data, row: number, into: ColumnBuilder): void {
  if (!data.getValid(row)) into.appendNull();
  else if (into instanceof TextBuilder) {
    into.appendBytes(data.values, data.valueOffsets[row], data.valueOffsets[row + 1]);
  } else if (into instanceof Int32Builder) into.append(data.values[row]);
  else if (into instanceof Int64Builder) into.appendBigInt(data.values[row]);
  else if (into instanceof DecimalBuilder) into.appendBigInt(decimalAt(data.values, row));
  else if (into instanceof BooleanBuilder) into.append(bitAt(data.values, row) === 1);
}
