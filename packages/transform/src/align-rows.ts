import { arrowSchema, arrowType, recordBatch } from '@totesys/columns';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/**
 * Rows of a source part as the model's columns, in its order. A column that the part lacks is null throughout: ingest wrote the part before the
 * model knew of it. One of another type is an error, never read as if it were ours.
 */
export function alignRows(table: SourceTable, rows: arrow.RecordBatch): arrow.RecordBatch {
  const columns = Object.entries(table.columns).map(([name, { type }]) => ({ name, type }));
  const children = columns.map(({ name, type }) => {
    const data = rows.getChild(name)?.data[0];
    const expected = arrowType(type);
    if (!data) return nulls(expected, rows.numRows);
    if (String(data.type) === String(expected)) return data;
    throw new PipelineError(
      ErrorCode.OBJECT_CORRUPT,
      `A part of the ingestion lake has another column '${name}' of table '${table.name}' than this version's model: expected ${expected}, got ${data.type}. Run the version of transform that fits the batch.`,
      { context: { table: table.name, column: name, expected: String(expected), got: String(data.type) } },
    );
  });
  return recordBatch(arrowSchema(columns), children, rows.numRows);
}

function nulls(type: arrow.DataType, length: number): arrow.Data {
  return arrow.vectorFromArray(new Array<null>(length).fill(null), type).data[0]!;
}
