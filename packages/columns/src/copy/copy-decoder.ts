import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { ColumnDecoder } from './column-decoder.ts';

// The signature that begins COPY's binary format (Postgres docs, "COPY", File Formats), its flags and the length of its extension.
const HEADER_BYTES = 19;

/** Decides by its transaction id's 32 bits and its key whether a row is decoded (true) or passed over. */
export type RowFilter = (transactionId: number, key: number) => boolean;

/** A value that Arrow cannot carry: the row's key, the column and why. */
export interface Uncarriable {
  readonly key: number;
  readonly column: string;
  readonly reason: string;
}

/**
 * Decodes COPY's binary format into column builders. Each tuple begins with the row's `xmin` and its key, then come the columns.
 * Tuples may be cut anywhere by the chunks they arrive in.
 */
export class CopyDecoder {
  /** Rows decoded since the builders were last emptied. */
  rows = 0;
  /** Values met that cannot be carried. */
  readonly uncarriable: Uncarriable[] = [];
  readonly #columns: readonly ColumnDecoder[];
  readonly #table: string;
  readonly #keyBytes: number;
  readonly #accept: RowFilter;
  readonly #rejectRows: boolean;
  #rest: Uint8Array = new Uint8Array(0);
  #begun = false;
  #ended = false;

  /** With `rejectRows` a row with a value that cannot be carried is left out; without, the value becomes null. */
  constructor(
    columns: readonly ColumnDecoder[],
    options: { table: string; bigKeys: boolean; rejectRows: boolean; accept: RowFilter },
  ) {
    this.#columns = columns;
    this.#table = options.table;
    this.#keyBytes = options.bigKeys ? 8 : 4;
    this.#accept = options.accept;
    this.#rejectRows = options.rejectRows;
  }

  /** Decodes what is whole of all that has come so far. */
  push(chunk: Uint8Array): void {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    if (!this.#begun) {
      if (buffer.length < HEADER_BYTES) {
        this.#rest = buffer.slice();
        return;
      }
      at = HEADER_BYTES + int32(buffer, HEADER_BYTES - 4);
      this.#begun = true;
    }
    while (!this.#ended) {
      const end = this.tupleEnd(buffer, at);
      if (end < 0) break;
      if (!this.#ended) this.decodeTuple(buffer, at);
      at = end;
    }
    // A copy: the socket's buffer may be used again.
    this.#rest = buffer.slice(at);
  }

  /** To be called once the stream ended: a COPY that stops without its trailer was cut. */
  end(): void {
    if (this.#ended) return;
    throw new PipelineError(
      ErrorCode.QUERY_FAILED,
      'The source ended a COPY in the middle: expected its trailer, got the end of the stream. The next run reads it again.',
    );
  }

  // Where the tuple at `at` ends, or -1 where it is not yet whole.
  private tupleEnd(buffer: Uint8Array, at: number): number {
    if (at + 2 > buffer.length) return -1;
    const fields = (buffer[at]! << 8) | buffer[at + 1]!;
    let end = at + 2;
    if (fields === 0xffff) {
      this.#ended = true;
      return end;
    }
    for (let field = 0; field < fields; field++) {
      if (end + 4 > buffer.length) return -1;
      const length = int32(buffer, end);
      end += 4 + Math.max(length, 0);
    }
    return end <= buffer.length ? end : -1;
  }

  private decodeTuple(buffer: Uint8Array, tuple: number): void {
    const transactionId = int32(buffer, tuple + 6) >>> 0;
    if (int32(buffer, tuple + 10) !== this.#keyBytes) throw keylessRow(this.#table);
    const key = this.#keyBytes === 4 ? int32(buffer, tuple + 14) : bigKey(buffer, tuple + 14);
    if (!this.#accept(transactionId, key)) return;
    let at = tuple + 14 + this.#keyBytes;
    let rejected = false;
    for (const column of this.#columns) {
      const length = int32(buffer, at);
      at += 4;
      if (length < 0) {
        column.builder.appendNull();
        continue;
      }
      const reason = column.decode(buffer, at, length);
      if (reason !== undefined) {
        column.builder.appendNull();
        this.uncarriable.push({ key, column: column.name, reason });
        rejected = this.#rejectRows;
      }
      at += length;
    }
    if (rejected) for (const column of this.#columns) column.builder.removeLast();
    else this.rows++;
  }
}

function int32(buffer: Uint8Array, at: number): number {
  return (buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!;
}

function keylessRow(table: string): PipelineError {
  return new PipelineError(
    ErrorCode.SOURCE_KEY_DUPLICATE,
    `Table '${table}' has a row whose key is null: expected an integer, because a run follows rows by their key. Give the row a key, then add a primary key; nothing is lost meanwhile.`,
    { context: { table, key: null } },
  );
}

function bigKey(buffer: Uint8Array, at: number): number {
  const key = int32(buffer, at) * 2 ** 32 + (int32(buffer, at + 4) >>> 0);
  if (Number.isSafeInteger(key)) return key;
  throw new PipelineError(
    ErrorCode.SOURCE_COLUMN_RETYPED,
    'A key of the source is beyond ±2^53, and keys up to there can be followed. Keep keys within it.',
  );
}
