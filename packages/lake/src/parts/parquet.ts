import { recordBatch } from '@totesys/columns';
import { collectBuffers, ErrorCode, PipelineError } from '@totesys/runtime';
import * as arrow from 'apache-arrow';
import type * as parquet from 'parquet-wasm/esm';
import { FROM_BACKUP } from '../stores/from-backup.ts';
import { parquetWasm } from './parquet-wasm.ts';

/** Rows in a record batch that is read: enough to make its own cost negligible, few enough to bound memory. */
const READ_BATCH_ROWS = 100_000;
/** A part is one row group, because the writers limit the rows and bytes of a part. */
const ROW_GROUP_ROWS = 0x7fff_ffff;
/** The mean length from which texts of a column are long: bytes. */
const LONG_TEXT_BYTES = 64 * 1024;
/** Parquet keeps decimals of up to this many digits as integers. */
const INTEGER_DECIMAL_DIGITS = 18;

/** The content of a Parquet object: decoded in WebAssembly, not yet copied to JavaScript. */
export interface DecodedParquet {
  readonly rows: number;
  /** The rows as record batches, which can be read once: WebAssembly frees each when it is handed over. */
  batches(): Generator<arrow.RecordBatch>;
}

/** Encodes a table as one Parquet object: zstd, one row group, the same bytes for the same rows. */
export function encodeParquet(table: arrow.Table): Uint8Array {
  const { writeParquet } = parquetWasm();
  const given = handOver(table);
  const long = longColumns(table);
  if (long.size > 0) collectBuffers();
  // writeParquet frees the table and the properties, even if it fails.
  return writeParquet(given, writerProperties(table.schema, long));
}

// The stream is garbage when this returns.
export function handOver(table: arrow.Table): parquet.Table {
  return parquetWasm().Table.fromIPCStream(arrow.tableToIPC(withBatch(table), 'stream'));
}

// Returns the columns whose texts are long on average. Bytes below nulls do not count, because the same
// rows must become the same bytes.
export function longColumns(table: arrow.Table): Set<string> {
  const names = new Set<string>();
  table.schema.fields.forEach(({ name, type }, i) => {
    if (!arrow.DataType.isUtf8(type)) return;
    const parts = table.batches.map(({ data }) => data.children[i]!);
    const isLong = (bytesOf: (data: arrow.Data) => number) =>
      parts.reduce((sum, data) => sum + bytesOf(data), 0) > LONG_TEXT_BYTES * table.numRows;
    if (isLong(({ values }) => values.length) && isLong(countTextBytes)) names.add(name);
  });
  return names;
}

function countTextBytes(data: arrow.Data): number {
  let bytes = 0;
  for (let row = 0; row < data.length; row++) {
    if (data.getValid(row)) bytes += data.valueOffsets[row + 1] - data.valueOffsets[row];
  }
  return bytes;
}

/** Decodes a Parquet object to record batches of at most 100,000 rows. */
export function decodeParquet(bytes: Uint8Array): Iterable<arrow.RecordBatch> {
  return openParquet(bytes).batches();
}

/** Decodes a Parquet object; throws OBJECT_CORRUPT for other bytes or a truncated object. */
export function openParquet(bytes: Uint8Array): DecodedParquet {
  const { readParquet } = parquetWasm();
  const table = understood(() => readParquet(bytes, { batchSize: READ_BATCH_ROWS }));
  const batches = table.recordBatches();
  table.free();
  let rows = 0;
  for (const batch of batches) rows += batch.numRows;
  return {
    rows,
    *batches() {
      try {
        for (let batch = batches.shift(); batch; batch = batches.shift()) {
          const { numRows } = batch;
          const stream = batch.intoIPCStream();
          // Frees what is left of the record batch and of the part before it.
          if (stream.length > LONG_TEXT_BYTES * numRows) collectBuffers();
          yield* arrow.tableFromIPC(stream).batches;
        }
      } finally {
        for (const batch of batches.splice(0)) batch.free();
      }
    },
  };
}

/** Returns the number of rows from a Parquet object's footer; nothing else is decoded. */
export async function countParquetRows(bytes: Uint8Array): Promise<number> {
  const file = await parquetWasm().ParquetFile.fromFile(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  try {
    return file.metadata().fileMetadata().numRows();
  } finally {
    file.free();
  }
}

/** Returns the properties of every Parquet object; `long` names the columns whose texts are long. */
export function writerProperties(
  schema: arrow.Schema,
  long: ReadonlySet<string>,
  rowGroupRows = ROW_GROUP_ROWS,
): parquet.WriterProperties {
  const { Compression, EnabledStatistics, WriterPropertiesBuilder } = parquetWasm();
  // Each call consumes the builder and returns the next.
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(rowGroupRows)
    .setStatisticsEnabled(EnabledStatistics.Chunk);
  for (const { name, type } of schema.fields) {
    if (isIntegerInParquet(type)) builder = builder.setColumnDictionaryEnabled(name, false);
    // The writer would copy a long text into the dictionary, and as least and as greatest value.
    if (!long.has(name)) continue;
    builder = builder.setColumnDictionaryEnabled(name, false).setColumnStatisticsEnabled(name, EnabledStatistics.None);
  }
  return builder.build();
}

// Integers of all kinds are smaller and faster plain than with a dictionary. Delta encodings would be smaller still,
// but some readers return wrong values for them (docs/decisions, "Lake format 2").
function isIntegerInParquet(type: arrow.DataType): boolean {
  if (arrow.DataType.isDecimal(type)) return type.precision <= INTEGER_DECIMAL_DIGITS;
  return arrow.DataType.isInt(type) || arrow.DataType.isDate(type) || arrow.DataType.isTimestamp(type);
}

// The writer refuses a stream without a record batch, so an empty table is written as one of no rows.
function withBatch(table: arrow.Table): arrow.Table {
  if (table.numRows > 0) return table;
  const children = table.schema.fields.map(({ type }) => arrow.makeData({ type, length: 0 } as never));
  return new arrow.Table([recordBatch(table.schema, children, 0)]);
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new PipelineError(
      ErrorCode.OBJECT_CORRUPT,
      `A Parquet object cannot be decoded; expected a whole file. Restore it ${FROM_BACKUP}, then run again.`,
      { cause: error },
    );
  }
}
