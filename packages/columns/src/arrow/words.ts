import type * as arrow from 'apache-arrow';

/** The weight of the high one of two 32-bit words. */
export const TWO_TO_32 = 2 ** 32;
/** The largest 64-bit integer. */
export const INT64_MAX = 2n ** 63n - 1n;
const EXACT_HIGH_WORD = 2 ** 20;

/** Returns whether integers with this high word are within ±2⁵², where a double also holds their sums. */
export function isExact(high: number): boolean {
  return high < EXACT_HIGH_WORD && high >= -EXACT_HIGH_WORD;
}

/** Returns the 64-bit integer of two words as a double, which is exact within ±2⁵³. */
export function fromWords(high: number, low: number): number {
  return high * TWO_TO_32 + (low >>> 0);
}

/** Returns the values of a 64-bit column as 32-bit words, the low word of each value first. */
export function int64Words(data: arrow.Data): Int32Array {
  const values: BigInt64Array = data.values;
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
}

/** Returns the unscaled integer of the 128-bit decimal at `row`: four words, the lowest first. */
export function decimalAt(words: Int32Array | Uint32Array, row: number): bigint {
  let value = 0n;
  for (let word = 3; word >= 0; word--) value = (value << 32n) | BigInt(words[4 * row + word]! >>> 0);
  return BigInt.asIntN(128, value);
}

/** Returns the bit at `row` of a bitmap or a column of booleans: eight share a byte, the first in its lowest bit. */
export function bitAt(bits: Uint8Array, row: number): number {
  return (bits[row >> 3]! >> (row & 7)) & 1;
}
