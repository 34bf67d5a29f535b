import ms, { type StringValue } from 'ms';

/** Parses a duration such as `500ms`, `1.5s`, `10m`, `36h` or `7d` into milliseconds; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  // `ms` also parses negative numbers, numbers without a unit, and long names of units.
  return /^\d{1,9}(\.\d{1,3})?(ms|s|m|h|d)$/.test(text) ? ms(text as StringValue) : undefined;
}
