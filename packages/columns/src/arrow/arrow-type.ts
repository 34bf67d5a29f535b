import type { ColumnType } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/**
 * The Arrow type that carries every value of a column's type which the lake can hold; Parquet's follows from it. Only types that every engine reads:
 * a time of day, which several lack, is a 64-bit count of microseconds since midnight.
 */
export function arrowType(type: ColumnType): arrow.DataType {
  switch (type.kind) {
    case 'boolean':
      return new arrow.Bool();
    case 'integer':
      return new arrow.Int32();
    case 'bigint':
    case 'time':
      return new arrow.Int64();
    case 'numeric':
      return new arrow.Decimal(type.scale, type.precision, 128);
    case 'date':
      return new arrow.DateDay();
    case 'timestamp':
      return new arrow.TimestampMicrosecond();
    default:
      return new arrow.Utf8();
  }
}

/** The Arrow schema of columns in their order. Every field may be null: what must not be is the contract's matter, not the file's. */
export function arrowSchema(columns: readonly { readonly name: string; readonly type: ColumnType }[]): arrow.Schema {
  return new arrow.Schema(columns.map(({ name, type }) => new arrow.Field(name, arrowType(type), true)));
}

/** Columns of Arrow data, `length` values each, as rows of a schema. */
export function recordBatch(schema: arrow.Schema, children: arrow.Data[], length: number): arrow.RecordBatch {
  const type = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(schema, arrow.makeData({ type, length, nullCount: 0, children }));
}
