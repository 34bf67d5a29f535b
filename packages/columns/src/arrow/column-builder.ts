import type { ColumnType } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { arrowType } from './arrow-type.ts';
import { TWO_TO_32 } from './words.ts';

const INITIAL_ROWS = 1024;
const INITIAL_TEXT_BYTES = 16 * 1024;
/** The size from which a buffer of texts is handed over instead of copied: bytes. Short texts stay below it. */
const MANY_TEXT_BYTES = 8 * 1024 * 1024;
/** Texts shorter than this are copied in a loop, which costs less than the view that `set` needs: bytes. */
export const SHORT_TEXT_BYTES = 24;

/** Gathers the values of one column in Arrow's buffers. `finish` returns them and empties the builder. */
export abstract class ColumnBuilder {
  length = 0;
  nullCount = 0;
  protected validity: Uint8Array | undefined;
  protected capacity = INITIAL_ROWS;
  readonly #type: arrow.DataType;

  constructor(type: arrow.DataType) {
    this.#type = type;
  }

  /** Bytes of the gathered values. */
  abstract get sizeBytes(): number;
  protected abstract grow(capacity: number): void;
  protected abstract takeValues(): ArrayBufferView;

  /** Appends a null. */
  appendNull(): void {
    const row = this.nextRow();
    if (!this.validity) {
      this.validity = new Uint8Array(this.capacity >> 3);
      // Everything so far was valid. Bits beyond `row` may be set, too: each append writes its own bit.
      this.validity.fill(0xff, 0, (row >> 3) + 1);
    }
    this.validity[row >> 3]! &= ~(1 << (row & 7));
    this.nullCount++;
    this.fillNull(row);
  }

  /** Removes the last row. */
  removeLast(): void {
    const row = --this.length;
    if (this.validity && (this.validity[row >> 3]! & (1 << (row & 7))) === 0) this.nullCount--;
  }

  /** Returns the gathered values as Arrow data and empties the builder. */
  finish(): arrow.Data {
    const buffers = {
      [arrow.BufferType.OFFSET]: this.takeOffsets(),
      [arrow.BufferType.DATA]: this.takeValues(),
      [arrow.BufferType.VALIDITY]: this.takeNulls(),
    };
    const data = new arrow.Data(this.#type, 0, this.length, this.nullCount, buffers);
    this.length = 0;
    this.nullCount = 0;
    this.validity = undefined;
    return data;
  }

  /** Returns the place of the next row, which is valid unless `appendNull` marks it. */
  protected nextRow(): number {
    const row = this.length++;
    if (row >= this.capacity) {
      this.capacity *= 2;
      this.grow(this.capacity);
      if (this.validity) this.validity = grown(new Uint8Array(this.capacity >> 3), this.validity);
    }
    if (this.validity) this.validity[row >> 3]! |= 1 << (row & 7);
    return row;
  }

  protected fillNull(_row: number): void {}

  protected takeOffsets(): Int32Array | undefined {
    return undefined;
  }

  private takeNulls(): Uint8Array {
    if (!this.validity || this.nullCount === 0) return new Uint8Array(0);
    return this.validity.slice(0, (this.length + 7) >> 3);
  }
}

/** Builds 32-bit integers, and dates as days since 1970-01-01. */
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
    this.#values = grown(new Int32Array(capacity), this.#values);
  }

  protected takeValues(): Int32Array {
    return this.#values.slice(0, this.length);
  }
}

/** Builds 64-bit integers, times in microseconds of the day, and timestamps in microseconds since 1970-01-01. */
export class Int64Builder extends ColumnBuilder {
  #words = new Int32Array(INITIAL_ROWS * 2);

  /** Appends an integer within ±2⁵³. */
  append(value: number): void {
    const row = this.nextRow() * 2;
    // ToInt32 takes a double modulo 2³², which is exact for integers within ±2⁵³.
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
    this.#words = grown(new Int32Array(capacity * 2), this.#words);
  }

  protected takeValues(): BigInt64Array {
    return new BigInt64Array(this.#words.slice(0, this.length * 2).buffer);
  }
}

/** Builds 128-bit decimals from their unscaled integers: 12.34 at scale 2 is 1234. */
export class DecimalBuilder extends ColumnBuilder {
  #words = new Int32Array(INITIAL_ROWS * 4);

  /** Appends an unscaled integer within ±2⁵³. */
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
    this.#words = grown(new Int32Array(capacity * 4), this.#words);
  }

  protected takeValues(): Uint32Array {
    return new Uint32Array(this.#words.slice(0, this.length * 4).buffer);
  }
}

/** Builds booleans, one bit each. */
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
    this.#bits = grown(new Uint8Array(capacity >> 3), this.#bits);
  }

  protected takeValues(): Uint8Array {
    return this.#bits.slice(0, (this.length + 7) >> 3);
  }
}

/** Builds UTF-8 texts: offsets and bytes. */
export class TextBuilder extends ColumnBuilder {
  #offsets = new Int32Array(INITIAL_ROWS + 1);
  #bytes: Uint8Array = new Uint8Array(INITIAL_TEXT_BYTES);

  /** Appends the UTF-8 of `source` from `start` to `end`. */
  appendBytes(source: Uint8Array, start: number, end: number): void {
    const row = this.nextRow();
    const from = this.#offsets[row]!;
    const to = from + end - start;
    if (to > this.#bytes.length) {
      this.#bytes = grown(new Uint8Array(Math.max(to, this.#bytes.length * 2)), this.#bytes);
    }
    if (end - start < SHORT_TEXT_BYTES) for (let i = start, j = from; i < end; i++, j++) this.#bytes[j] = source[i]!;
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
    this.#offsets = grown(new Int32Array(capacity + 1), this.#offsets);
  }

  protected override takeOffsets(): Int32Array {
    return this.#offsets.slice(0, this.length + 1);
  }

  protected takeValues(): Uint8Array {
    const end = this.#offsets[this.length]!;
    if (this.#bytes.length < MANY_TEXT_BYTES) return this.#bytes.slice(0, end);
    // A copy would need as much memory again.
    const taken = this.#bytes.subarray(0, end);
    this.#bytes = new Uint8Array(INITIAL_TEXT_BYTES);
    return taken;
  }
}

type TypeOf<Kind extends ColumnType['kind']> = Extract<ColumnType, { readonly kind: Kind }>;

/** Returns an empty builder for a column's type. */
export function columnBuilder(type: TypeOf<'boolean'>): BooleanBuilder;
export function columnBuilder(type: TypeOf<'integer' | 'date'>): Int32Builder;
export function columnBuilder(type: TypeOf<'bigint' | 'time' | 'timestamp'>): Int64Builder;
export function columnBuilder(type: TypeOf<'numeric'>): DecimalBuilder;
export function columnBuilder(type: TypeOf<'text' | 'varchar' | 'enum'>): TextBuilder;
export function columnBuilder(type: ColumnType): ColumnBuilder;
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

// Returns `larger`, which begins with the items of `old`.
function grown<T extends Int32Array | Uint8Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}
