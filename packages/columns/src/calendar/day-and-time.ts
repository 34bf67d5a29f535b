import { fromWords, isExact } from '../arrow/words.ts';

/** Microseconds in a day. */
export const DAY_MICROS = 86_400_000_000;
const DAY_MICROS_BIG = BigInt(DAY_MICROS);

/** A timestamp as days since 1970-01-01 and microseconds of that day. */
export interface DayAndTime {
  day: number;
  micros: number;
}

/** Splits the timestamp at `row` into its day and its time of day, which is never negative, even before 1970. */
export function splitTimestamp(words: Int32Array, row: number, into: DayAndTime): void {
  const low = words[2 * row]!;
  const high = words[2 * row + 1]!;
  if (!isExact(high)) {
    const value = (BigInt(high) << 32n) | BigInt(low >>> 0);
    const micros = ((value % DAY_MICROS_BIG) + DAY_MICROS_BIG) % DAY_MICROS_BIG;
    into.day = Number((value - micros) / DAY_MICROS_BIG);
    into.micros = Number(micros);
    return;
  }
  const value = fromWords(high, low);
  let day = Math.floor(value / DAY_MICROS);
  let micros = value - day * DAY_MICROS;
  // The quotient is rounded: one microsecond before midnight it may already be the next day.
  if (micros < 0) {
    day--;
    micros += DAY_MICROS;
  }
  into.day = day;
  into.micros = micros;
}
