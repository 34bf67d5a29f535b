import { recordBatch } from '@totesys/columns';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import * as arrow from 'apache-arrow';
import type { WriterProperties } from 'parquet-wasm/esm';
import { parquetWasm } from './parquet-wasm.ts';

/** Rows in a batch that is read: large enough that a batch's own cost vanishes, small enough to bound memory. */
const READ_BATCH_ROWS = 100_000;
/** A part is one row group: the writers cut parts by rows and bytes, so the format's own limit must never cut again. */
const ROW_GROUP_ROWS = 0x7fff_ffff;
/** Parquet keeps decimals of up to this many digits as integers. */
const INTEGER_DECIMAL_DIGITS = 18;

/** What a Parquet object holds: its rows are decoded, and not yet Arrow's in JavaScript. */
export interface DecodedParquet {
  readonly rows: number;
  /** The rows, in batches, once: each is freed on the other side as it is handed over. */
  batches(): Generator<arrow.RecordBatch>;
}

/** Encodes a table as one Parquet object: zstd, one row group, the same bytes for the same rows. */
export function encodeParquet(table: arrow.Table): Uint8Array {
  const { Table, writeParquet } = parquetWasm();
  const stream = arrow.tableToIPC(withBatch(table), 'stream');
  // writeParquet frees the table and the properties, in failure too.
  return writeParquet(Table.fromIPCStream(stream), writerProperties(table.schema));
}

/** Decodes a Parquet object to batches of at most 100,000 rows. */
export function decodeParquet(bytes: Uint8Array): Iterable<arrow.RecordBatch> {
  return openParquet(bytes).batches();
}

/** Decodes a Parquet object; what is none, or is cut off, is OBJECT_CORRUPT. */
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
          yield* arrow.tableFromIPC(batch.intoIPCStream()).batches;
        }
      } finally {
        for (const batch of batches.splice(0)) batch.free();
      }
    },
  };
}

/** How many rows a Parquet object's footer says it has; nothing else of it is decoded. */
export async function countParquetRows(bytes: Uint8Array): Promise<number> {
  const file = await parquetWasm().ParquetFile.fromFile(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  try {
    return file.metadata().fileMetadata().numRows();
  } finally {
    file.free();
  }
}

function writerProperties(schema: arrow.Schema): WriterProperties {
  const { Compression, EnabledStatistics, WriterPropertiesBuilder } = parquetWasm();
  // Each call consumes the builder and gives the next.
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .setStatisticsEnabled(EnabledStatistics.Chunk);
  for (const { name, type } of schema.fields) {
    if (isIntegerInParquet(type)) builder = builder.setColumnDictionaryEnabled(name, false);
  }
  return builder.build();
}

// Integers of all sorts are smaller plain than through a dictionary, and take less time. As deltas they would be smaller still, but some readers
// return wrong values then (docs/decisions, "Lake format 2").
function isIntegerInParquet(type: arrow.DataType): boolean {
  if (arrow.DataType.isDecimal(type)) return type.precision <= INTEGER_DECIMAL_DIGITS;
  return arrow.DataType.isInt(type) || arrow.DataType.isDate(type) || arrow.DataType.isTimestamp(type);
}

// A stream without a batch is refused by the writer: an empty table travels as one batch of no rows.
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
      'A Parquet object cannot be decoded; expected a whole file. Restore it, then run again.',
      { cause: error },
    );
  }
}
