import { createHash } from 'node:crypto';
import { recordBatch } from '@totesys/columns';
import { encodeParquetFile } from '@totesys/lake';
import type { DerivedPlace } from '@totesys/lake/derived';
import { collectBuffers } from '@totesys/runtime';
import * as arrow from 'apache-arrow';
import { uriOf } from '../place.ts';
import { dataFileSchema, type TableColumn } from '../schema/iceberg-schema.ts';
import { type DataFile, describeDataFile } from './data-file.ts';

/** The size at which a file ends and the next one begins: bytes. Memory holds one file and one row group. */
const FILE_BYTES = 32 * 1024 * 1024;
/** Record batches are handed to the encoder together until they have so many rows, or are so many. */
const TABLE_ROWS = 50_000;
const TABLE_BATCHES = 1_000;
/** The number of hexadecimal digits of a file's hash in its name. */
const HASH_DIGITS = 32;

/** The columns of a data file's rows in the order of the table's columns. */
export interface DataRows {
  readonly length: number;
  readonly columns: readonly arrow.Data[];
}

/** Where data files are written, and the columns that they have. */
export interface DataTarget {
  readonly place: DerivedPlace;
  /** The folder of the files, which ends in a slash. */
  readonly folder: string;
  /** The beginning of each file's name. */
  readonly prefix: string;
  readonly columns: readonly TableColumn[];
}

/**
 * Writes rows as data files: one, or more if they exceed 32 MB. A file's name has the hash of its content, so the same
 * rows written twice are one file. No rows are no file.
 */
export async function writeDataFiles(target: DataTarget, rows: AsyncIterable<DataRows>): Promise<DataFile[]> {
  const files: DataFile[] = [];
  const source = gatherTables(rows, dataFileSchema(target.columns))[Symbol.asyncIterator]();
  for (let next = await source.next(); !next.done; ) {
    let bytes = 0;
    const limited = async function* () {
      for (; !next.done && bytes < FILE_BYTES; next = await source.next()) yield next.value;
    };
    const chunks: Uint8Array[] = [];
    for await (const chunk of encodeParquetFile(limited())) {
      chunks.push(chunk);
      bytes += chunk.length;
    }
    files.push(await writeFile(target, Buffer.concat(chunks)));
    if (bytes >= FILE_BYTES) collectBuffers();
  }
  return files;
}

async function writeFile({ place, folder, prefix, columns }: DataTarget, body: Buffer): Promise<DataFile> {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, HASH_DIGITS);
  const key = `${folder}${prefix}${hash}.parquet`;
  await place.store.putIfAbsent(key, body);
  return describeDataFile(uriOf(place, key), body, columns);
}

// A part of a minute has few rows, and each table that the encoder gets has a cost of its own.
async function* gatherTables(rows: AsyncIterable<DataRows>, schema: arrow.Schema): AsyncGenerator<arrow.Table> {
  let gathered: arrow.RecordBatch[] = [];
  let count = 0;
  for await (const { columns, length } of rows) {
    if (length === 0) continue;
    gathered.push(recordBatch(schema, [...columns], length));
    count += length;
    if (count < TABLE_ROWS && gathered.length < TABLE_BATCHES) continue;
    yield new arrow.Table(gathered);
    gathered = [];
    count = 0;
  }
  if (gathered.length > 0) yield new arrow.Table(gathered);
}
