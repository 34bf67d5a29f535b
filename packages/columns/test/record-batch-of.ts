import type { ColumnType } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { arrowSchema, recordBatch } from '../src/arrow/arrow-type.ts';
import {
  BooleanBuilder,
  columnBuilder,
  DecimalBuilder,
  Int32Builder,
  Int64Builder,
  TextBuilder,
} from '../src/arrow/column-builder.ts';

/** A value as a test writes it: decimals unscaled, dates in days and timestamps in microseconds since 1970. */
export type Value = string | number | bigint | boolean | null;

/** Returns the values of one column as Arrow data. */
export function columnOf(type: ColumnType, values: readonly Value[]): arrow.Data {
  const builder = columnBuilder(type);
  for (const value of values) {
    if (value === null) builder.appendNull();
    else if (builder instanceof TextBuilder) builder.append(String(value));
    else if (builder instanceof BooleanBuilder) builder.append(Boolean(value));
    else if (builder instanceof Int32Builder) builder.append(Number(value));
    else if (builder instanceof Int64Builder) builder.appendBigInt(BigInt(value));
    else if (builder instanceof DecimalBuilder) builder.appendBigInt(BigInt(value));
  }
  return builder.finish();
}

/** Returns rows as a record batch. `missing` returns the value of a column that a row does not name. */
export function recordBatchOf<Column extends { readonly name: string; readonly type: ColumnType }>(
  columns: readonly Column[],
  rows: readonly Readonly<Record<string, Value>>[],
  missing: (column: Column, row: number) => Value = () => null,
): arrow.RecordBatch {
  const children = columns.map((column) =>
    columnOf(
      column.type,
      rows.map((row, i) => row[column.name] ?? (column.name in row ? null : missing(column, i))),
    ),
  );
  return recordBatch(arrowSchema(columns), children, rows.length);
}
