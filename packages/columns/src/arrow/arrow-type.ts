import type { ColumnType } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/**
 * Returns the Arrow type of a column, from which Parquet's follows. Every engine reads these types. Several engines
 * lack a time of day: it is a 64-bit count of microseconds since midnight.
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

/** Returns the Arrow schema of columns. Every field is nullable: the contract decides on nulls, not the file. */
export function arrowSchema(columns: readonly { readonly name: string; readonly type: ColumnType }[]): arrow.Schema {
  return new arrow.Schema(columns.map(({ name, type }) => new arrow.Field(name, arrowType(type), true)));
}

/** Returns columns of `length` values each as the rows of a schema. */
export function recordBatch(schema: arrow.Schema, children: arrow.Data[], length: number): arrow.RecordBatch {
  const type = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(schema, arrow.makeData({ type, length, nullCount: 0, children }));
}
