import type * as arrow from 'apache-arrow';
import {
  BooleanBuilder,
  type ColumnBuilder,
  DecimalBuilder,
  Int32Builder,
  Int64Builder,
  TextBuilder,
} from './column-builder.ts';

/** Appends the value at `row` of a column to a builder of the same type, null for null. */
export function copyValue(data: arrow.Data, row: number, into: ColumnBuilder): void {
  if (!data.getValid(row)) into.appendNull();
  else if (into instanceof TextBuilder) {
    into.appendBytes(data.values as Uint8Array, data.valueOffsets[row] as number, data.valueOffsets[row + 1] as number);
  } else if (into instanceof Int32Builder) into.append(data.values[row] as number);
  else if (into instanceof Int64Builder) into.appendBigInt(data.values[row] as bigint);
  else if (into instanceof DecimalBuilder) into.appendBigInt(decimalAt(data, row));
  else if (into instanceof BooleanBuilder) into.append(booleanAt(data, row));
}

/** The boolean at `row`: Arrow packs eight into a byte, the first lowest. */
export function booleanAt(data: arrow.Data, row: number): boolean {
  return (((data.values as Uint8Array)[row >> 3]! >> (row & 7)) & 1) === 1;
}

/** The unscaled integer of the 128-bit decimal at `row`: four words, the lowest first. */
export function decimalAt(data: arrow.Data, row: number): bigint {
  const words = data.values as Uint32Array;
  let value = 0n;
  for (let word = 3; word >= 0; word--) value = (value << 32n) | BigInt(words[4 * row + word]! >>> 0);
  return BigInt.asIntN(128, value);
}
