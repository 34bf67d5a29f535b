import type { ColumnType } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { arrowType } from './arrow-type.ts';

const INITIAL_ROWS = 1024;
const INITIAL_TEXT_BYTES = 16 * 1024;
const TWO_TO_32 = 0x1_0000_0000;

/** One column of rows being gathered, straight in Arrow's buffers. `finish` hands them over and begins anew. */
export abstract class ColumnBuilder {
  length = 0;
  nullCount = 0;
  protected validity: Uint8Array | undefined;
  protected readonly type: arrow.DataType;
  protected capacity = INITIAL_ROWS;

  constructor(type: arrow.DataType) {
    this.type = type;
  }

  /** Bytes that the gathered values take. */
  abstract get sizeBytes(): number;
  protected abstract grow(capacity: number): void;
  protected abstract take(): arrow.Data;

  /** Appends a null. */
  appendNull(): void {
    const row = this.nextRow();
    if (!this.validity) {
      this.validity = new Uint8Array(this.capacity >> 3);
      // Everything so far was valid, and whole bytes may be filled beyond it: each append sets or clears its own bit.
      this.validity.fill(0xff, 0, (row >> 3) + 1);
    }
    this.validity[row >> 3]! &= ~(1 << (row & 7));
    this.nullCount++;
    this.fillNull(row);
  }

  /** Takes the last row back. */
  removeLast(): void {
    const row = --this.length;
    if (this.validity && (this.validity[row >> 3]! & (1 << (row & 7))) === 0) this.nullCount--;
  }

  /** The gathered values as Arrow data; the builder is empty afterwards. */
  finish(): arrow.Data {
    const data = this.take();
    this.length = 0;
    this.nullCount = 0;
    this.validity = undefined;
    return data;
  }

  /** The next row's place, valid until told otherwise. */
  protected nextRow(): number {
    const row = this.length++;
    if (row >= this.capacity) {
      this.capacity *= 2;
      this.grow(this.capacity);
      if (this.validity) this.validity = grown(this.validity, this.capacity >> 3);
    }
    if (this.validity) this.validity[row >> 3]! |= 1 << (row & 7);
    return row;
  }

  protected fillNull(_row: number): void {}

  protected nulls(): { nullCount: number; nullBitmap?: Uint8Array } {
    if (!this.validity || this.nullCount === 0) return { nullCount: 0 };
    return { nullCount: this.nullCount, nullBitmap: this.validity.slice(0, (this.length + 7) >> 3) };
  }
}

/** 32-bit integers, and dates as days since 1970-01-01. */
export class Int32Builder extends ColumnBuilder {
  #values = new Int32Array(INITIAL_ROWS);

  append(value: number): void {
    const row = this.nextRow();
    this.#values[row] = value;
  }

  get sizeBytes(): number {
    return this.length * 4;
  }

  protected grow(capacity: number): void {
    this.#values = grown(this.#values, capacity);
  }

  protected take(): arrow.Data {
    return this.makeData(this.#values.slice(0, this.length));
  }

  private makeData(data: Int32Array): arrow.Data {
    const props = { length: this.length, data, ...this.nulls() };
    return arrow.DataType.isDate(this.type)
      ? arrow.makeData({ type: this.type as arrow.DateDay, ...props })
      : arrow.makeData({ type: this.type as arrow.Int32, ...props });
  }
}

/** 64-bit integers, and times and timestamps in microseconds (of the day, since 1970-01-01). */
export class Int64Builder extends ColumnBuilder {
  #words = new Int32Array(INITIAL_ROWS * 2);

  /** Appends a whole number within ±2⁵³. */
  append(value: number): void {
    const row = this.nextRow() * 2;
    // ToInt32 takes a double modulo 2³², which is exact for whole numbers within ±2⁵³.
    this.#words[row] = value | 0;
    this.#words[row + 1] = Math.floor(value / TWO_TO_32);
  }

  /** Appends any 64-bit integer. */
  appendBigInt(value: bigint): void {
    const row = this.nextRow() * 2;
    this.#words[row] = Number(BigInt.asIntN(32, value));
    this.#words[row + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }

  get sizeBytes(): number {
    return this.length * 8;
  }

  protected grow(capacity: number): void {
    this.#words = grown(this.#words, capacity * 2);
  }

  protected take(): arrow.Data {
    const data = new BigInt64Array(this.#words.slice(0, this.length * 2).buffer);
    const props = { length: this.length, data, ...this.nulls() };
    if (arrow.DataType.isTimestamp(this.type)) {
      return arrow.makeData({ type: this.type as arrow.TimestampMicrosecond, ...props });
    }
    return arrow.makeData({ type: this.type as arrow.Int64, ...props });
  }
}

/** 128-bit decimals, as the unscaled integer: 12.34 at scale 2 is 1234. */
export class DecimalBuilder extends ColumnBuilder {
  #words = new Int32Array(INITIAL_ROWS * 4);

  /** Appends an unscaled whole number within ±2⁵³. */
  append(unscaled: number): void {
    const row = this.nextRow() * 4;
    const sign = unscaled < 0 ? -1 : 0;
    this.#words[row] = unscaled | 0;
    this.#words[row + 1] = Math.floor(unscaled / TWO_TO_32);
    this.#words[row + 2] = sign;
    this.#words[row + 3] = sign;
  }

  /** Appends any unscaled 128-bit integer. */
  appendBigInt(unscaled: bigint): void {
    const row = this.nextRow() * 4;
    for (let word = 0; word < 4; word++) {
      this.#words[row + word] = Number(BigInt.asIntN(32, unscaled >> BigInt(32 * word)));
    }
  }

  get sizeBytes(): number {
    return this.length * 16;
  }

  protected grow(capacity: number): void {
    this.#words = grown(this.#words, capacity * 4);
  }

  protected take(): arrow.Data {
    const data = new Uint32Array(this.#words.slice(0, this.length * 4).buffer);
    return arrow.makeData({ type: this.type as arrow.Decimal, length: this.length, data, ...this.nulls() });
  }
}

/** Booleans, a bit each. */
export class BooleanBuilder extends ColumnBuilder {
  #bits = new Uint8Array(INITIAL_ROWS >> 3);

  append(value: boolean): void {
    const row = this.nextRow();
    if (value) this.#bits[row >> 3]! |= 1 << (row & 7);
    else this.#bits[row >> 3]! &= ~(1 << (row & 7));
  }

  get sizeBytes(): number {
    return this.length >> 3;
  }

  protected grow(capacity: number): void {
    this.#bits = grown(this.#bits, capacity >> 3);
  }

  protected take(): arrow.Data {
    const data = this.#bits.slice(0, (this.length + 7) >> 3);
    return arrow.makeData({ type: this.type as arrow.Bool, length: this.length, data, ...this.nulls() });
  }
}

/** UTF-8 text: offsets and bytes. */
export class TextBuilder extends ColumnBuilder {
  #offsets = new Int32Array(INITIAL_ROWS + 1);
  #bytes: Uint8Array = new Uint8Array(INITIAL_TEXT_BYTES);

  /** Appends UTF-8 that stands in `source` from `start` to `end`. */
  appendBytes(source: Uint8Array, start: number, end: number): void {
    const row = this.nextRow();
    const from = this.#offsets[row]!;
    const to = from + end - start;
    if (to > this.#bytes.length) this.#bytes = grown(this.#bytes, Math.max(to, this.#bytes.length * 2));
    // Most texts are short: a loop beats the view that `set` needs.
    if (end - start < 24) for (let i = start, j = from; i < end; i++, j++) this.#bytes[j] = source[i]!;
    else this.#bytes.set(source.subarray(start, end), from);
    this.#offsets[row + 1] = to;
  }

  /** Appends a string. */
  append(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.appendBytes(bytes, 0, bytes.length);
  }

  get sizeBytes(): number {
    return this.#offsets[this.length]! + this.length * 4;
  }

  protected override fillNull(row: number): void {
    this.#offsets[row + 1] = this.#offsets[row]!;
  }

  protected grow(capacity: number): void {
    this.#offsets = grown(this.#offsets, capacity + 1);
  }

  protected take(): arrow.Data {
    const valueOffsets = this.#offsets.slice(0, this.length + 1);
    const data = this.#bytes.slice(0, valueOffsets[this.length]!);
    return arrow.makeData({
      type: this.type as arrow.Utf8,
      length: this.length,
      valueOffsets,
      data,
      ...this.nulls(),
    });
  }
}

/** The builder for a column's type. */
export function columnBuilder(type: ColumnType): ColumnBuilder {
  switch (type.kind) {
    case 'boolean':
      return new BooleanBuilder(arrowType(type));
    case 'integer':
    case 'date':
      return new Int32Builder(arrowType(type));
    case 'bigint':
    case 'time':
    case 'timestamp':
      return new Int64Builder(arrowType(type));
    case 'numeric':
      return new DecimalBuilder(arrowType(type));
    default:
      return new TextBuilder(arrowType(type));
  }
}

// A typed array of the same kind with room for `length` items, the old ones in front.
function grown<T extends Int32Array | Uint8Array>(old: T, length: number): T {
  const larger = new (old.constructor as new (length: number) => T)(length);
  larger.set(old);
  return larger;
}
