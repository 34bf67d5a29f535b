import { UsageError } from '../process/usage-error.ts';
import { parseDuration } from './parse-duration.ts';

/** Shorter intervals would ask the source more often than a reader of the warehouse can notice: milliseconds. */
const SHORTEST_MS = 100;
/** A longer interval is the work of a scheduler: milliseconds. */
const LONGEST_MS = 24 * 60 * 60_000;

/** Parses the interval of `--every`, such as `1s` or `5m`, into milliseconds. */
export function parseInterval(text: string): number {
  const intervalMs = parseDuration(text) ?? Number.NaN;
  if (intervalMs >= SHORTEST_MS && intervalMs <= LONGEST_MS) return intervalMs;
  throw new UsageError('--every is not valid: expected an interval from 100ms to 24h, such as 1s or 5m.');
}
