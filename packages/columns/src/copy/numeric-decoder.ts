import type { DecimalBuilder } from '../arrow/column-builder.ts';
import { readInt16, readUint16 } from './big-endian.ts';
import type { Decode } from './codec.ts';
import {
  BASE,
  DECIMALS_PER_DIGIT,
  DIGIT_BYTES,
  DIGIT_COUNT_AT,
  DIGITS_AT,
  MINUS_INFINITY,
  NAN,
  NEGATIVE,
  PLUS_INFINITY,
  POSITIVE,
  SIGN_AT,
  WEIGHT_AT,
} from './numeric-format.ts';

const TOO_FINE = 'more decimals than the column has';
const TOO_LARGE = 'more digits than the column has';
// Three digits of base 10,000 are a number below 10^12. A double holds it exactly, also times 10^3; a quotient by up to
// 10^12 is a whole number only if the division leaves no remainder.
const EXACT_DIGITS = 3;
const EXACT_SHIFT = 3;
const EXACT_DIVISION = 12;

/** Digits of a decimal: all of them, and those after the point. */
interface DecimalSize {
  readonly precision: number;
  readonly scale: number;
}

/** Returns a decoder of `numeric` values: short ones as doubles, long ones as bigints. */
export function decodeNumeric(builder: DecimalBuilder, size: DecimalSize): Decode {
  const decodeLong = decodeLongNumeric(builder, size);
  const { precision, scale } = size;
  const limit = 10 ** precision;
  const powers = Array.from({ length: EXACT_DIVISION + 1 }, (_, power) => 10 ** power);
  return (buffer, at, length) => {
    const digits = readUint16(buffer, at + DIGIT_COUNT_AT);
    const sign = readUint16(buffer, at + SIGN_AT);
    if (digits > EXACT_DIGITS || (sign !== POSITIVE && sign !== NEGATIVE)) return decodeLong(buffer, at, length);
    const weight = readInt16(buffer, at + WEIGHT_AT);
    let value = 0;
    for (let digit = 0; digit < digits; digit++) {
      value = value * BASE + readUint16(buffer, at + DIGITS_AT + DIGIT_BYTES * digit);
    }
    const shift = digits === 0 ? 0 : DECIMALS_PER_DIGIT * (weight - digits + 1) + scale;
    if (shift < -EXACT_DIVISION || shift > EXACT_SHIFT) return decodeLong(buffer, at, length);
    const unscaled = shift >= 0 ? value * powers[shift]! : value / powers[-shift]!;
    if (!Number.isInteger(unscaled)) return TOO_FINE;
    // A source column without a precision may hold more digits than the model's type, and Parquet would keep only the
    // low bits.
    if (unscaled >= limit) return TOO_LARGE;
    builder.append(sign === NEGATIVE ? -unscaled : unscaled);
    return undefined;
  };
}

function decodeLongNumeric(builder: DecimalBuilder, { precision, scale }: DecimalSize): Decode {
  const limit = 10n ** BigInt(precision);
  const base = BigInt(BASE);
  return (buffer, at) => {
    const digits = readUint16(buffer, at + DIGIT_COUNT_AT);
    const weight = readInt16(buffer, at + WEIGHT_AT);
    const sign = readUint16(buffer, at + SIGN_AT);
    if (sign === NAN) return 'NaN';
    if (sign === PLUS_INFINITY) return 'infinity';
    if (sign === MINUS_INFINITY) return '-infinity';
    // The weight alone shows this, without multiplying thousands of digits.
    if (digits > 0 && DECIMALS_PER_DIGIT * weight > precision - scale) return TOO_LARGE;
    let value = 0n;
    for (let digit = 0; digit < digits; digit++) {
      value = value * base + BigInt(readUint16(buffer, at + DIGITS_AT + DIGIT_BYTES * digit));
    }
    const shift = DECIMALS_PER_DIGIT * (weight - digits + 1) + scale;
    if (shift >= 0) value *= 10n ** BigInt(shift);
    else {
      const divisor = 10n ** BigInt(-shift);
      if (value % divisor !== 0n) return TOO_FINE;
      value /= divisor;
    }
    if (value >= limit) return TOO_LARGE;
    builder.appendBigInt(sign === NEGATIVE ? -value : value);
    return undefined;
  };
}
