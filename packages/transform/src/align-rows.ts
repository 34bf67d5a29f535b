import { arrowSchema, arrowType, recordBatch } from '@totesys/columns';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/**
 * Returns rows of a source part with the columns of the model, in its order. A column that the part lacks is null:
 * ingest wrote the part before the model had the column. A column of another type is an error.
 */
export function alignRows(table: SourceTable, rows: arrow.RecordBatch): arrow.RecordBatch {
  const columns = Object.entries(table.columns).map(([name, { type }]) => ({ name, type }));
  const children = columns.map(({ name, type }) => {
    const data = rows.getChild(name)?.data[0];
    const expected = arrowType(type);
    if (!data) return nulls(expected, rows.numRows);
    if (String(data.type) === String(expected)) return data;
    throw otherType(table, name, { expected: String(expected), got: String(data.type) });
  });
  return recordBatch(arrowSchema(columns), children, rows.numRows);
}

function otherType(table: SourceTable, column: string, types: { expected: string; got: string }): PipelineError {
  return new PipelineError(
    ErrorCode.OBJECT_CORRUPT,
    `Column '${column}' of table '${table.name}' has another type in a part of the ingestion lake than in the model: ` +
      `expected ${types.expected}, got ${types.got}. Run the version of transform that fits the batch.`,
    { context: { table: table.name, column, ...types } },
  );
}

function nulls(type: arrow.DataType, length: number): arrow.Data {
  return arrow.vectorFromArray(new Array<null>(length).fill(null), type).data[0]!;
}
