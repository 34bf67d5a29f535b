import { decimalAt } from '@totesys/columns';
import * as arrow from 'apache-arrow';

/**
 * A column's values straight from its buffers: unscaled decimals and 64-bit integers as bigints, nothing through a
 * float.
 */
export function valuesOf(batch: arrow.RecordBatch, column: number): (boolean | bigint | string | null)[] {
  const data = batch.data.children[column]!;
  const { type } = data;
  const vector = arrow.makeVector(data);
  return Array.from({ length: data.length }, (_, row) => {
    if (!data.getValid(row)) return null;
    if (arrow.DataType.isDecimal(type)) return decimalAt(data.values, row);
    if (arrow.DataType.isUtf8(type) || arrow.DataType.isBool(type)) return vector.get(row);
    return BigInt(data.values[row]);
  });
}
