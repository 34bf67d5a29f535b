import { arrowType, dataOf } from '@totesys/columns';
import type { DataRows } from '@totesys/iceberg';
import { type ProcessedManifest, readPart, type Store, type WarehousePart } from '@totesys/lake';
import type { PublishedColumn, PublishedTable } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/** Returns the parts of a table in a batch. */
export function partsOf(table: PublishedTable, manifest: ProcessedManifest): WarehousePart[] {
  const role = table.kind === 'deleted' ? 'deleted' : 'rows';
  return manifest.parts.filter((part) => part.table === table.of && part.role === role);
}

/** Yields the rows that batches bring into a table, with the batch of each as the first column. */
export async function* publishedRows(
  processed: Store,
  table: PublishedTable,
  batches: Iterable<{ readonly manifest: ProcessedManifest; readonly parts: readonly WarehousePart[] }>,
): AsyncGenerator<DataRows> {
  const [, ...columns] = table.columns;
  for (const { manifest, parts } of batches) {
    for (const part of parts) {
      for await (const rows of readPart(processed, part)) {
        const length = rows.numRows;
        const values = columns.map((column) => columnOf(rows, column));
        yield { length, columns: [batchColumn(manifest.batch, length), ...values] };
      }
    }
  }
}

/** Returns batches as the rows of the table that names them. */
export async function* batchRows(manifests: readonly ProcessedManifest[]): AsyncGenerator<DataRows> {
  const length = manifests.length;
  if (length === 0) return;
  const batches = BigInt64Array.from(manifests, ({ batch }) => BigInt(batch));
  const clocks = BigInt64Array.from(manifests, ({ sourceClock }) => microsecondsOf(sourceClock));
  const clock = arrow.makeData({ type: new arrow.TimestampMicrosecond(), length, nullCount: 0, data: clocks });
  yield { length, columns: [arrow.makeData({ type: new arrow.Int64(), length, nullCount: 0, data: batches }), clock] };
}

// A batch of an older model lacks the columns that were added since.
function columnOf(rows: arrow.RecordBatch, { name, type }: PublishedColumn): arrow.Data {
  const wanted = arrowType(type);
  if (!rows.schema.names.includes(name)) return nulls(wanted, rows.numRows);
  const data = dataOf(rows, name);
  return arrow.DataType.isInt(wanted) && wanted.bitWidth === 32 && data.values instanceof BigInt64Array
    ? asInt32(data)
    : data;
}

// The keys of deleted rows are stored with 64 bits.
function asInt32(data: arrow.Data): arrow.Data {
  const values = Int32Array.from(data.values as BigInt64Array, Number);
  return arrow.makeData({ type: new arrow.Int32(), length: data.length, nullCount: data.nullCount, data: values });
}

function nulls(type: arrow.DataType, length: number): arrow.Data {
  return arrow.vectorFromArray(new Array(length).fill(null), type).data[0]!;
}

function batchColumn(batch: number, length: number): arrow.Data {
  const data = new BigInt64Array(length).fill(BigInt(batch));
  return arrow.makeData({ type: new arrow.Int64(), length, nullCount: 0, data });
}

// The clock is a timestamp without a zone, in UTC, with up to six digits after the second.
function microsecondsOf(clock: string): bigint {
  const [second = '', fraction = ''] = clock.split('.');
  return BigInt(Date.parse(`${second.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}
