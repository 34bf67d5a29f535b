import { ErrorCode, PipelineError } from '@totesys/runtime';
import { readInt16, readInt32, readInt64AsNumber } from './big-endian.ts';
import { FIELD_COUNT_BYTES, FIELD_LENGTH_BYTES, NULL_LENGTH, parseHeader, TRAILER_FIELD_COUNT } from './binary-copy.ts';
import type { ColumnDecoder } from './column-decoder.ts';

// Each tuple begins with the row's xmin (32 bits) and its key (an integer or a bigint); the columns follow.
const XMIN_AT = FIELD_COUNT_BYTES + FIELD_LENGTH_BYTES;
const KEY_LENGTH_AT = XMIN_AT + 4;
const KEY_AT = KEY_LENGTH_AT + FIELD_LENGTH_BYTES;
const INTEGER_BYTES = 4;
const BIGINT_BYTES = 8;

/** Visits each row by the 32 bits of its `xmin` and its key; returns whether to decode the row. */
export type RowVisitor = (xmin: number, key: number) => boolean;

/** A value that Arrow cannot carry: the row's key, the column and the reason. */
export interface Uncarriable {
  readonly key: number;
  readonly column: string;
  readonly reason: string;
}

/** How a COPY stream of one table is decoded. */
export interface CopyDecoding {
  readonly table: string;
  /** Whether the key is a bigint; otherwise it is an integer. */
  readonly bigKeys: boolean;
  /** Whether a row with a value that cannot be carried is left out; otherwise the value becomes null. */
  readonly rejectRows: boolean;
  /** Whether a mark follows the columns: it is null unless the server left a long text of the row out. */
  readonly hasMark?: boolean;
  readonly visit: RowVisitor;
}

/**
 * Decodes COPY's binary format into column builders. Each tuple has the row's `xmin` and its key, then the columns and
 * perhaps a mark.
 * Chunks may end anywhere in a tuple.
 */
export class CopyDecoder {
  /** Rows decoded since the builders were last emptied. */
  rows = 0;
  /** The values so far that Arrow cannot carry. */
  readonly uncarriable: Uncarriable[] = [];
  /** The keys so far of rows in which the server left a long text out. */
  readonly marked: number[] = [];
  readonly #columns: readonly ColumnDecoder[];
  readonly #table: string;
  readonly #keyBytes: number;
  readonly #visit: RowVisitor;
  readonly #rejectRows: boolean;
  readonly #hasMark: boolean;
  #rest: Uint8Array = new Uint8Array(0);
  #begun = false;
  #ended = false;

  constructor(columns: readonly ColumnDecoder[], { table, bigKeys, rejectRows, hasMark = false, visit }: CopyDecoding) {
    this.#columns = columns;
    this.#table = table;
    this.#keyBytes = bigKeys ? BIGINT_BYTES : INTEGER_BYTES;
    this.#visit = visit;
    this.#rejectRows = rejectRows;
    this.#hasMark = hasMark;
  }

  /** Decodes every tuple that is complete with this chunk. */
  push(chunk: Uint8Array): void {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    if (!this.#begun) {
      const end = parseHeader(buffer);
      if (end !== undefined) at = end;
      this.#begun = end !== undefined;
    }
    while (this.#begun && !this.#ended) {
      const end = this.tupleEnd(buffer, at);
      if (end < 0) break;
      if (!this.#ended) this.decodeTuple(buffer, at);
      at = end;
    }
    // A copy, because the socket may use its buffer again.
    this.#rest = Buffer.from(buffer.subarray(at));
  }

  /** Checks that the stream had its trailer; call it after the last chunk. */
  end(): void {
    if (this.#ended) return;
    throw new PipelineError(
      ErrorCode.QUERY_FAILED,
      'The source ended a COPY in the middle: expected its trailer, got the end of the stream. ' +
        'The next run reads it again.',
    );
  }

  // Returns the end of the tuple at `at`, or -1 while the tuple is incomplete. The trailer ends the stream.
  private tupleEnd(buffer: Uint8Array, at: number): number {
    let end = at + FIELD_COUNT_BYTES;
    if (end > buffer.length) return -1;
    const fields = readInt16(buffer, at);
    if (fields === TRAILER_FIELD_COUNT) {
      this.#ended = true;
      return end;
    }
    if (fields < 0) throw wrongFieldCount(fields);
    for (let field = 0; field < fields; field++) {
      if (end + FIELD_LENGTH_BYTES > buffer.length) return -1;
      const length = readInt32(buffer, end);
      end += FIELD_LENGTH_BYTES + Math.max(length, 0);
    }
    return end <= buffer.length ? end : -1;
  }

  private decodeTuple(buffer: Uint8Array, tuple: number): void {
    const xmin = readInt32(buffer, tuple + XMIN_AT) >>> 0;
    if (readInt32(buffer, tuple + KEY_LENGTH_AT) !== this.#keyBytes) throw keylessRow(this.#table);
    const key = this.#keyBytes === INTEGER_BYTES ? readInt32(buffer, tuple + KEY_AT) : bigKey(buffer, tuple + KEY_AT);
    if (!this.#visit(xmin, key)) return;
    let at = tuple + KEY_AT + this.#keyBytes;
    let isRejected = false;
    for (const column of this.#columns) {
      const length = readInt32(buffer, at);
      at += FIELD_LENGTH_BYTES;
      if (length < 0) {
        column.builder.appendNull();
        continue;
      }
      const reason = column.decode(buffer, at, length);
      if (reason !== undefined) {
        column.builder.appendNull();
        this.uncarriable.push({ key, column: column.name, reason });
        isRejected = this.#rejectRows;
      }
      at += length;
    }
    if (this.#hasMark && readInt32(buffer, at) !== NULL_LENGTH) {
      this.marked.push(key);
      isRejected = this.#rejectRows;
    }
    if (isRejected) for (const column of this.#columns) column.builder.removeLast();
    else this.rows++;
  }
}

function bigKey(buffer: Uint8Array, at: number): number {
  const key = readInt64AsNumber(buffer, at);
  if (Number.isSafeInteger(key)) return key;
  throw new PipelineError(
    ErrorCode.SOURCE_COLUMN_RETYPED,
    'A key of the source is outside ±2^53, the supported range. Keep keys within it.',
  );
}

function wrongFieldCount(fields: number): PipelineError {
  return new PipelineError(
    ErrorCode.QUERY_FAILED,
    `A row of a COPY of the source has ${fields} fields: expected 0 or more. The stream is damaged. ` +
      'The next run reads it again.',
  );
}

function keylessRow(table: string): PipelineError {
  return new PipelineError(
    ErrorCode.SOURCE_KEY_DUPLICATE,
    `Table '${table}' has a row whose key is null: expected an integer, because a run follows rows by their key. ` +
      'Give the row a key, then add a primary key; nothing is lost meanwhile.',
    { context: { table, key: null } },
  );
}
