import { collectBuffers, ErrorCode, PipelineError } from '@totesys/runtime';
import { type ColumnType, lakeColumn } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { arrowType } from '../arrow/arrow-type.ts';
import { HEADER, TRAILER_FIELD_COUNT } from './binary-copy.ts';
import type { Encode } from './codec.ts';
import { columnEncoder } from './column-encoder.ts';
import { CHUNK_BYTES, CopyBuffer } from './copy-buffer.ts';

/** The size of a row from which its buffers are freed before the next row: bytes. */
const LONG_ROW_BYTES = 4 * 1024 * 1024;

/**
 * Encodes rows of the processed lake in COPY's binary format, straight from Arrow's buffers. `columns` are those of the
 * COPY statement, in its order; `lakeColumn` names the column of the lake that carries each. With `firstNumber`, each
 * row begins with its number, an integer that rises from there.
 */
export async function* encodeCopy(
  recordBatches: AsyncIterable<arrow.RecordBatch>,
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  firstNumber?: number,
): AsyncGenerator<Uint8Array> {
  const output = new CopyBuffer();
  output.bytes(HEADER, 0, HEADER.length);
  let encoded = 0;
  for await (const rows of recordBatches) {
    const encoders = columns.map((column) => columnEncoder(output, column.type, columnData(rows, lakeColumn(column))));
    if (firstNumber !== undefined) encoders.unshift(countFrom(output, firstNumber + encoded));
    for (let row = 0; row < rows.numRows; row++) {
      output.int16(encoders.length);
      for (const encode of encoders) encode(row);
      if (output.length < CHUNK_BYTES) continue;
      const isLong = output.length >= LONG_ROW_BYTES;
      yield output.take();
      if (isLong) collectBuffers();
    }
    encoded += rows.numRows;
  }
  output.int16(TRAILER_FIELD_COUNT);
  yield output.take();
}

function countFrom(output: CopyBuffer, first: number): Encode {
  return (row) => {
    output.int32(4);
    output.int32(first + row);
  };
}

// Another version of the model may have derived the column with another type. Values with another time unit or scale
// must not be loaded.
function columnData(rows: arrow.RecordBatch, { name, type }: { name: string; type: ColumnType }): arrow.Data {
  const column = rows.getChild(name);
  const [expected, got] = [String(arrowType(type)), column ? String(column.type) : 'no such column'];
  if (column?.data[0] && got === expected) return column.data[0];
  throw new PipelineError(
    ErrorCode.OBJECT_CORRUPT,
    `Column '${name}' in a part of the processed lake differs from this version's model: ` +
      `expected ${expected}, got ${got}. Deploy the version of load that fits the lake, ` +
      'or derive the batch again into an empty processed lake.',
    { context: { column: name, expected, got } },
  );
}
