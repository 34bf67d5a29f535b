import { createHash } from 'node:crypto';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { findPartitionKey, PARTITION_KEYS } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { partKey } from '../key-layout.ts';
import type { ObjectPart } from '../manifests/manifest.ts';
import { FROM_BACKUP } from '../stores/from-backup.ts';
import type { Store } from '../stores/store.ts';
import { countParquetRows, encodeParquet, openParquet } from './parquet.ts';

/** Writes rows as one part of `folder`, which ends in a slash; the same rows are the same object. */
export async function writePart(
  store: Store,
  folder: string,
  rows: readonly arrow.RecordBatch[] | arrow.Table,
): Promise<ObjectPart> {
  const table = rows instanceof arrow.Table ? rows : new arrow.Table([...rows]);
  checkColumns(folder, table.schema);
  const body = encodeParquet(table);
  const sha256 = sha256Of(body);
  const key = partKey(folder, sha256);
  if ((await store.putIfAbsent(key, body)) === 'conflict') {
    throw corrupt(store, {
      key,
      fault: 'already there, and its content does not match its name',
      remedy: 'Move it away',
    });
  }
  return { key, rows: table.numRows, bytes: body.length, sha256 };
}

/** Reads a part in record batches of at most 100,000 rows; OBJECT_CORRUPT, before any row, if its manifest differs. */
export async function* readPart(store: Store, part: ObjectPart): AsyncGenerator<arrow.RecordBatch> {
  const body = await readBody(store, part);
  const decoded = decode(store, part, body);
  expectRows(store, part, decoded.rows);
  yield* decoded.batches();
}

/**
 * Throws OBJECT_MISSING or OBJECT_CORRUPT unless a part is as its manifest says; the footer has the count of its rows.
 */
export async function checkPart(store: Store, part: ObjectPart): Promise<void> {
  const body = await readBody(store, part);
  let rows: number;
  try {
    rows = await countParquetRows(body);
  } catch (error) {
    throw undecodable(store, part, error);
  }
  expectRows(store, part, rows);
}

/** Returns the SHA-256 of bytes, in hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

// `createModel` refuses such a table; a model that was built by hand fails here, before the first object.
function checkColumns(folder: string, schema: arrow.Schema): void {
  const hidden = findPartitionKey(schema.fields.map(({ name }) => name));
  if (hidden === undefined) return;
  throw new Error(
    `A part of '${folder}' has a column '${hidden}', which is the name of a partition key: expected none of ` +
      `${PARTITION_KEYS.join(', ')}. Engines would show the folder's value instead. Rename the column in the model.`,
  );
}

async function readBody(store: Store, part: ObjectPart): Promise<Uint8Array> {
  const body = await store.get(part.key);
  if (body.length !== part.bytes) {
    throw corrupt(store, { key: part.key, fault: `${body.length} bytes long, expected ${part.bytes}` });
  }
  if (sha256Of(body) !== part.sha256) {
    throw corrupt(store, { key: part.key, fault: `not what its manifest says: expected SHA-256 ${part.sha256}` });
  }
  return body;
}

function expectRows(store: Store, part: ObjectPart, rows: number): void {
  if (rows !== part.rows) throw corrupt(store, { key: part.key, fault: `${rows} rows long, expected ${part.rows}` });
}

function decode(store: Store, part: ObjectPart, body: Uint8Array) {
  try {
    return openParquet(body);
  } catch (error) {
    throw undecodable(store, part, error);
  }
}

function undecodable(store: Store, { key }: ObjectPart, cause: unknown): PipelineError {
  return corrupt(store, { key, fault: 'no Parquet file that can be decoded', cause });
}

interface Corruption {
  readonly key: string;
  readonly fault: string;
  readonly remedy?: string;
  readonly cause?: unknown;
}

function corrupt(store: Store, { key, fault, remedy = `Restore it ${FROM_BACKUP}`, cause }: Corruption): PipelineError {
  return new PipelineError(
    ErrorCode.OBJECT_CORRUPT,
    `Object '${key}' in ${store.uri} is ${fault}. ${remedy}, then run again.`,
    { context: { key, store: store.uri }, cause },
  );
}
