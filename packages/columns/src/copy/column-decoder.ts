import type { ColumnType } from '@totesys/schema';
import {
  BooleanBuilder,
  type ColumnBuilder,
  columnBuilder,
  DecimalBuilder,
  Int32Builder,
  Int64Builder,
  TextBuilder,
} from '../arrow/column-builder.ts';

// Postgres counts days and microseconds from 2000-01-01, Arrow from 1970-01-01.
const EPOCH_DAYS = 10_957;
const EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000;
const DAY_MICROS = 86_400_000_000;
const INT64_MAX = 2n ** 63n - 1n;
// Up to here a double counts microseconds, and the epochs' difference added to it, exactly.
const SAFE_HIGH_WORD = 2 ** 20;
const NUMERIC_NAN = 0xc000;
const NUMERIC_PLUS_INFINITY = 0xd000;
const NUMERIC_MINUS_INFINITY = 0xf000;
const NUMERIC_NEGATIVE = 0x4000;
const TOO_FINE = 'more decimals than the column has';
const TOO_LARGE = 'more digits than the column has';
// Three base-10000 digits stay below 10^12, so that shifting them to the scale of money is exact in a double.
const SAFE_NUMERIC_DIGITS = 3;
const SAFE_SHIFT = 3;

/** Decodes one column's binary values into its builder. `decode` gives the reason where Arrow cannot carry the value, and then appends nothing. */
export interface ColumnDecoder {
  readonly name: string;
  readonly builder: ColumnBuilder;
  decode(buffer: Uint8Array, at: number, length: number): string | undefined;
}

/** The decoder for a column's type, with a builder of its own. The layouts are those of Postgres' `…_send` functions. */
export function columnDecoder(name: string, type: ColumnType): ColumnDecoder {
  const builder = columnBuilder(type);
  return { name, builder, decode: decodeInto(builder, type) };
}

type Decode = ColumnDecoder['decode'];

function decodeInto(builder: ColumnBuilder, type: ColumnType): Decode {
  if (builder instanceof TextBuilder) {
    return (buffer, at, length) => {
      builder.appendBytes(buffer, at, at + length);
      return undefined;
    };
  }
  if (builder instanceof BooleanBuilder) {
    return (buffer, at) => {
      builder.append(buffer[at] === 1);
      return undefined;
    };
  }
  if (builder instanceof DecimalBuilder && type.kind === 'numeric') return decodeNumeric(builder, type);
  if (builder instanceof Int32Builder) return type.kind === 'date' ? decodeDate(builder) : decodeInteger(builder);
  if (builder instanceof Int64Builder) {
    if (type.kind === 'timestamp') return decodeTimestamp(builder);
    return type.kind === 'time' ? decodeTime(builder) : decodeBigint(builder);
  }
  throw new Error(`No decoder for ${type.kind}.`);
}

function decodeInteger(builder: Int32Builder): Decode {
  return (buffer, at) => {
    builder.append(word(buffer, at));
    return undefined;
  };
}

function decodeBigint(builder: Int64Builder): Decode {
  return (buffer, at) => {
    builder.appendBigInt(int64(buffer, at));
    return undefined;
  };
}

function decodeDate(builder: Int32Builder): Decode {
  return (buffer, at) => {
    const days = word(buffer, at);
    if (days === 0x7fffffff) return 'infinity';
    if (days === -0x80000000) return '-infinity';
    builder.append(days + EPOCH_DAYS);
    return undefined;
  };
}

function decodeTime(builder: Int64Builder): Decode {
  return (buffer, at) => {
    const micros = word(buffer, at) * 2 ** 32 + (word(buffer, at + 4) >>> 0);
    // Postgres knows 24:00:00, Arrow's day ends before it.
    if (micros >= DAY_MICROS) return 'time 24:00:00';
    builder.append(micros);
    return undefined;
  };
}

function decodeTimestamp(builder: Int64Builder): Decode {
  return (buffer, at) => {
    const high = word(buffer, at);
    if (high < SAFE_HIGH_WORD && high >= -SAFE_HIGH_WORD) {
      builder.append(high * 2 ** 32 + (word(buffer, at + 4) >>> 0) + EPOCH_MICROS);
      return undefined;
    }
    const micros = int64(buffer, at);
    if (micros === INT64_MAX) return 'infinity';
    if (micros === -INT64_MAX - 1n) return '-infinity';
    if (micros + BigInt(EPOCH_MICROS) > INT64_MAX) return 'beyond 64 bits of microseconds';
    builder.appendBigInt(micros + BigInt(EPOCH_MICROS));
    return undefined;
  };
}

interface Digits {
  readonly precision: number;
  readonly scale: number;
}

function decodeNumeric(builder: DecimalBuilder, { precision, scale }: Digits): Decode {
  const decodeLong = decodeLongNumeric(builder, { precision, scale });
  const limit = 10 ** precision;
  const shifts = Array.from({ length: 16 }, (_, power) => 10 ** power);
  return (buffer, at, length) => {
    const digits = half(buffer, at);
    const sign = half(buffer, at + 4);
    if (digits > SAFE_NUMERIC_DIGITS || (sign !== 0 && sign !== NUMERIC_NEGATIVE))
      return decodeLong(buffer, at, length);
    const weight = (half(buffer, at + 2) << 16) >> 16;
    let value = 0;
    for (let digit = 0; digit < digits; digit++) value = value * 10_000 + half(buffer, at + 8 + 2 * digit);
    const shift = digits === 0 ? 0 : 4 * (weight - digits + 1) + scale;
    if (shift < -12 || shift > SAFE_SHIFT) return decodeLong(buffer, at, length);
    const unscaled = shift >= 0 ? value * shifts[shift]! : value / shifts[-shift]!;
    if (!Number.isInteger(unscaled)) return TOO_FINE;
    // A source column without a precision of its own holds what ours does not: Parquet would cut it to its low bits.
    if (unscaled >= limit) return TOO_LARGE;
    builder.append(sign === NUMERIC_NEGATIVE ? -unscaled : unscaled);
    return undefined;
  };
}

function decodeLongNumeric(builder: DecimalBuilder, { precision, scale }: Digits): Decode {
  const limit = 10n ** BigInt(precision);
  return (buffer, at) => {
    const digits = half(buffer, at);
    const weight = (half(buffer, at + 2) << 16) >> 16;
    const sign = half(buffer, at + 4);
    if (sign === NUMERIC_NAN) return 'NaN';
    if (sign === NUMERIC_PLUS_INFINITY) return 'infinity';
    if (sign === NUMERIC_MINUS_INFINITY) return '-infinity';
    // Told by its length alone, before thousands of digits are multiplied out.
    if (digits > 0 && 4 * weight > precision - scale) return TOO_LARGE;
    let value = 0n;
    for (let digit = 0; digit < digits; digit++) value = value * 10_000n + BigInt(half(buffer, at + 8 + 2 * digit));
    const shift = 4 * (weight - digits + 1) + scale;
    if (shift >= 0) value *= 10n ** BigInt(shift);
    else {
      const divisor = 10n ** BigInt(-shift);
      if (value % divisor !== 0n) return TOO_FINE;
      value /= divisor;
    }
    if (value >= limit) return TOO_LARGE;
    builder.appendBigInt(sign === NUMERIC_NEGATIVE ? -value : value);
    return undefined;
  };
}

function half(buffer: Uint8Array, at: number): number {
  return (buffer[at]! << 8) | buffer[at + 1]!;
}

function word(buffer: Uint8Array, at: number): number {
  return (buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!;
}

function int64(buffer: Uint8Array, at: number): bigint {
  return (BigInt(word(buffer, at)) << 32n) | BigInt(word(buffer, at + 4) >>> 0);
}
