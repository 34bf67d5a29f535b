import { ErrorCode, PipelineError } from '@totesys/runtime';
import { type ColumnType, lakeColumn } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { arrowType } from '../arrow/arrow-type.ts';
import { type DayAndTime, splitTimestamp, wordsOf } from '../calendar/day-and-time.ts';

// COPY's binary format (Postgres docs, "COPY", File Formats): signature, flags, no extension; a trailer of −1.
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
/** Bytes that are sent at once: few enough to stay in cache, many enough that a call's own cost vanishes. */
const CHUNK_BYTES = 256 * 1024;
const EPOCH_DAYS = 10_957;
const EPOCH_MICROS = BigInt(EPOCH_DAYS) * 86_400_000_000n;
const NUMERIC_NEGATIVE = 0x4000;
const TWO_TO_32 = 2 ** 32;
const SAFE_HIGH_WORD = 2 ** 20;
/** Up to this scale all that is counted stays below 2^53, where a double counts exactly. */
const SAFE_SCALE = 12;

/**
 * Encodes batches of rows as COPY's binary format, straight from Arrow's buffers; the columns are those of the statement, in its order, each from
 * the column of the lake that carries it.
 */
export async function* encodeCopy(
  batches: AsyncIterable<arrow.RecordBatch>,
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
): AsyncGenerator<Uint8Array> {
  const output = new CopyOutput();
  output.bytes(HEADER, 0, HEADER.length);
  for await (const rows of batches) {
    const encoders = columns.map((column) => encoder(output, column.type, columnData(rows, lakeColumn(column))));
    for (let row = 0; row < rows.numRows; row++) {
      output.int16(encoders.length);
      for (const encode of encoders) encode(row);
      if (output.length >= CHUNK_BYTES) yield output.take();
    }
  }
  output.bytes(TRAILER, 0, TRAILER.length);
  yield output.take();
}

// What another version of the model derived must not be taken for what this one means: a time unit, a scale.
function columnData(rows: arrow.RecordBatch, { name, type }: { name: string; type: ColumnType }): arrow.Data {
  const column = rows.getChild(name);
  const [expected, got] = [String(arrowType(type)), column ? String(column.type) : 'no such column'];
  if (column?.data[0] && got === expected) return column.data[0];
  throw new PipelineError(
    ErrorCode.OBJECT_CORRUPT,
    `A part of the processed lake has another column '${name}' than this version's model: expected ${expected}, got ${got}. Deploy the version of load that fits the lake, or derive the batch again into an empty processed lake.`,
    { context: { column: name, expected, got } },
  );
}

/** Bytes on their way out. */
class CopyOutput {
  length = 0;
  #buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);

  int16(value: number): void {
    this.reserve(2);
    this.#buffer[this.length++] = value >> 8;
    this.#buffer[this.length++] = value;
  }

  int32(value: number): void {
    this.reserve(4);
    const at = this.length;
    this.#buffer[at] = value >> 24;
    this.#buffer[at + 1] = value >> 16;
    this.#buffer[at + 2] = value >> 8;
    this.#buffer[at + 3] = value;
    this.length += 4;
  }

  byte(value: number): void {
    this.reserve(1);
    this.#buffer[this.length++] = value;
  }

  bytes(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    // Most texts are short: a loop beats the view that `set` needs.
    if (end - start < 24) for (let i = start, at = this.length; i < end; i++, at++) this.#buffer[at] = source[i]!;
    else this.#buffer.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** All bytes so far; a new buffer takes their place, since the socket may still hold the old one. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.length);
    this.#buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
    this.length = 0;
    return taken;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.length + bytes, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.length));
    this.#buffer = larger;
  }
}

type Encode = (row: number) => void;

function encoder(output: CopyOutput, type: ColumnType, data: arrow.Data): Encode {
  const encode = valueEncoder(output, type, data);
  if (data.nullCount === 0) return encode;
  return (row) => {
    if (data.getValid(row)) encode(row);
    else output.int32(-1);
  };
}

function valueEncoder(output: CopyOutput, type: ColumnType, data: arrow.Data): Encode {
  switch (type.kind) {
    case 'boolean': {
      const bits = data.values as Uint8Array;
      return (row) => {
        output.int32(1);
        output.byte((bits[row >> 3]! >> (row & 7)) & 1);
      };
    }
    case 'integer': {
      const values = data.values as Int32Array;
      return (row) => {
        output.int32(4);
        output.int32(values[row]!);
      };
    }
    case 'date': {
      const values = data.values as Int32Array;
      return (row) => {
        output.int32(4);
        output.int32(values[row]! - EPOCH_DAYS);
      };
    }
    case 'time':
      if (arrow.DataType.isTimestamp(data.type)) return timeEncoder(output, data);
      return valueEncoder(output, { kind: 'bigint' }, data);
    case 'bigint': {
      const words = wordsOf(data);
      return (row) => {
        output.int32(8);
        output.int32(words[2 * row + 1]!);
        output.int32(words[2 * row]!);
      };
    }
    case 'timestamp': {
      const values = data.values as BigInt64Array;
      return (row) => {
        const micros = values[row]! - EPOCH_MICROS;
        output.int32(8);
        output.int32(Number(micros >> 32n));
        output.int32(Number(micros & 0xffffffffn));
      };
    }
    case 'numeric':
      return numericEncoder(output, type.scale, data);
    default: {
      const bytes = data.values as Uint8Array;
      const offsets = data.valueOffsets as Int32Array;
      return (row) => {
        const [start, end] = [offsets[row]!, offsets[row + 1]!];
        output.int32(end - start);
        output.bytes(bytes, start, end);
      };
    }
  }
}

// The time of day of a timestamp; what a date before 1970 has of it counts up from midnight, too.
function timeEncoder(output: CopyOutput, data: arrow.Data): Encode {
  const words = wordsOf(data);
  const split: DayAndTime = { day: 0, micros: 0 };
  return (row) => {
    splitTimestamp(words, row, split);
    output.int32(8);
    output.int32(Math.floor(split.micros / TWO_TO_32));
    output.int32((split.micros % TWO_TO_32) | 0);
  };
}

// Digits of base 10000 on either side of the decimal point, without zeros at the ends: the one form that Postgres itself sends.
function numericEncoder(output: CopyOutput, scale: number, data: arrow.Data): Encode {
  const words = data.values as Int32Array | Uint32Array;
  const fractionDigits = Math.ceil(scale / 4);
  const padding = 10 ** (4 * fractionDigits - scale);
  const digits: number[] = [];
  return (row) => {
    const high = words[4 * row + 1]! | 0;
    const sign = words[4 * row + 3]! | 0;
    const isSmall =
      high < SAFE_HIGH_WORD &&
      high >= -SAFE_HIGH_WORD &&
      (words[4 * row + 2]! | 0) === high >> 31 &&
      sign === high >> 31;
    const isNegative = sign < 0;
    digits.length = 0;
    if (isSmall && scale <= SAFE_SCALE) {
      const unscaled = Math.abs(high * TWO_TO_32 + (words[4 * row]! >>> 0));
      const divisor = 10 ** scale;
      let fraction = (unscaled % divisor) * padding;
      let whole = Math.floor(unscaled / divisor);
      for (let digit = 0; digit < fractionDigits; digit++) {
        digits.push(fraction % 10_000);
        fraction = Math.floor(fraction / 10_000);
      }
      for (; whole > 0; whole = Math.floor(whole / 10_000)) digits.push(whole % 10_000);
    } else {
      let rest = bigDecimal(words, row) * BigInt(padding);
      if (rest < 0n) rest = -rest;
      for (let digit = 0; digit < fractionDigits || rest > 0n; digit++, rest /= 10_000n)
        digits.push(Number(rest % 10_000n));
    }
    writeNumeric(output, digits, digits.length - fractionDigits - 1, isNegative, scale);
  };
}

// `digits` has the lowest digit first; `weight` is the power of 10000 of the highest.
function writeNumeric(output: CopyOutput, digits: number[], weight: number, isNegative: boolean, scale: number): void {
  let top = digits.length;
  while (top > 0 && digits[top - 1] === 0) top--;
  let bottom = 0;
  while (bottom < top && digits[bottom] === 0) bottom++;
  const count = top - bottom;
  output.int32(8 + 2 * count);
  output.int16(count);
  output.int16(count === 0 ? 0 : weight - (digits.length - top));
  output.int16(isNegative && count > 0 ? NUMERIC_NEGATIVE : 0);
  output.int16(scale);
  for (let digit = top - 1; digit >= bottom; digit--) output.int16(digits[digit]!);
}

function bigDecimal(words: Int32Array | Uint32Array, row: number): bigint {
  let value = 0n;
  for (let word = 3; word >= 0; word--) value = (value << 32n) | BigInt(words[4 * row + word]! >>> 0);
  return BigInt.asIntN(128, value);
}
