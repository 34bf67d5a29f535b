import type * as arrow from 'apache-arrow';

const DAY_MICROS = 86_400_000_000;
const DAY_MICROS_BIG = BigInt(DAY_MICROS);
const TWO_TO_32 = 2 ** 32;
// While the high word is this small, the whole fits a double exactly.
const SAFE_HIGH_WORD = 2 ** 20;

/** Days since 1970-01-01 and microseconds of the day of one timestamp. */
export interface DayAndTime {
  day: number;
  micros: number;
}

/** Splits the timestamp whose two 32-bit words, low one first, stand at `row`, towards the day that it is in: also before 1970. */
export function splitTimestamp(words: Int32Array, row: number, into: DayAndTime): void {
  const high = words[2 * row + 1]!;
  const low = words[2 * row]! >>> 0;
  if (high >= SAFE_HIGH_WORD || high < -SAFE_HIGH_WORD) {
    const value = (BigInt(high) << 32n) | BigInt(low);
    const micros = ((value % DAY_MICROS_BIG) + DAY_MICROS_BIG) % DAY_MICROS_BIG;
    into.day = Number((value - micros) / DAY_MICROS_BIG);
    into.micros = Number(micros);
    return;
  }
  const value = high * TWO_TO_32 + low;
  let day = Math.floor(value / DAY_MICROS);
  let micros = value - day * DAY_MICROS;
  // The quotient is rounded: one microsecond before midnight it may already show the next day.
  if (micros < 0) {
    day--;
    micros += DAY_MICROS;
  }
  into.day = day;
  into.micros = micros;
}

/** A 64-bit column as 32-bit words, the low one of each value first. */
export function wordsOf(data: arrow.Data): Int32Array {
  const values = data.values as BigInt64Array;
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
}
