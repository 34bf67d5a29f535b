import type * as arrow from 'apache-arrow';
import { decimalAt, fromWords, isExact } from '../arrow/words.ts';
import type { Encode } from './codec.ts';
import type { CopyBuffer } from './copy-buffer.ts';
import { BASE, DECIMALS_PER_DIGIT, DIGIT_BYTES, DIGITS_AT, NEGATIVE, POSITIVE } from './numeric-format.ts';

const BASE_BIG = BigInt(BASE);
// Up to this scale each intermediate value stays below 2^53, where a double counts exactly.
const EXACT_SCALE = 12;

/** Returns the encoder of decimals as `numeric`, without zeros at either end: the form that Postgres sends. */
export function encodeNumeric(output: CopyBuffer, scale: number, data: arrow.Data): Encode {
  const words: Int32Array | Uint32Array = data.values;
  const digits = new NumericDigits(scale);
  return (row) => {
    const high = words[4 * row + 1]! | 0;
    const signExtension = high >> 31;
    const sign = words[4 * row + 3]! | 0;
    const fitsInt64 = (words[4 * row + 2]! | 0) === signExtension && sign === signExtension;
    if (fitsInt64 && isExact(high) && scale <= EXACT_SCALE) digits.setNumber(fromWords(high, words[4 * row]!));
    else digits.setBigInt(decimalAt(words, row));
    digits.write(output);
  };
}

// A decimal in digits of base 10,000, lowest first; no digit crosses the decimal point. Each row reuses it.
class NumericDigits {
  readonly #scale: number;
  readonly #fractionDigits: number;
  readonly #divisor: number;
  readonly #padding: number;
  readonly #paddingBig: bigint;
  readonly #digits: number[] = [];
  #isNegative = false;

  constructor(scale: number) {
    this.#scale = scale;
    this.#fractionDigits = Math.ceil(scale / DECIMALS_PER_DIGIT);
    this.#divisor = 10 ** scale;
    this.#padding = 10 ** (DECIMALS_PER_DIGIT * this.#fractionDigits - scale);
    this.#paddingBig = BigInt(this.#padding);
  }

  setNumber(unscaled: number): void {
    const digits = this.#digits;
    digits.length = 0;
    this.#isNegative = unscaled < 0;
    const absolute = Math.abs(unscaled);
    let fraction = (absolute % this.#divisor) * this.#padding;
    let whole = Math.floor(absolute / this.#divisor);
    for (let digit = 0; digit < this.#fractionDigits; digit++) {
      digits.push(fraction % BASE);
      fraction = Math.floor(fraction / BASE);
    }
    for (; whole > 0; whole = Math.floor(whole / BASE)) digits.push(whole % BASE);
  }

  setBigInt(unscaled: bigint): void {
    const digits = this.#digits;
    digits.length = 0;
    this.#isNegative = unscaled < 0n;
    let rest = (this.#isNegative ? -unscaled : unscaled) * this.#paddingBig;
    for (let digit = 0; digit < this.#fractionDigits || rest > 0n; digit++, rest /= BASE_BIG) {
      digits.push(Number(rest % BASE_BIG));
    }
  }

  write(output: CopyBuffer): void {
    const digits = this.#digits;
    let top = digits.length;
    while (top > 0 && digits[top - 1] === 0) top--;
    let bottom = 0;
    while (bottom < top && digits[bottom] === 0) bottom++;
    const count = top - bottom;
    output.int32(DIGITS_AT + DIGIT_BYTES * count);
    output.int16(count);
    output.int16(count === 0 ? 0 : top - this.#fractionDigits - 1);
    output.int16(this.#isNegative && count > 0 ? NEGATIVE : POSITIVE);
    output.int16(this.#scale);
    for (let digit = top - 1; digit >= bottom; digit--) output.int16(digits[digit]!);
  }
}
