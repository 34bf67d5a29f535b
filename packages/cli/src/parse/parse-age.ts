import { UsageError } from '../process/usage-error.ts';
import { parseDuration } from './parse-duration.ts';

/**
 * A run writes its parts before the manifest that names them. No run takes nearly this long: a Lambda stops after
 * 15 minutes, a statement of the command after an hour.
 */
const SHORTEST_HOURS = 24;

/** Parses an age such as `36h` or `7d` into milliseconds; it must be at least a day. */
export function parseAge(text: string): number {
  const ageMs = parseDuration(text) ?? Number.NaN;
  if (ageMs >= SHORTEST_HOURS * 60 * 60_000) return ageMs;
  throw new UsageError(
    `--older-than is not valid: expected hours or days, such as 36h or 7d, and at least ${SHORTEST_HOURS}h. ` +
      'A running stage has written parts that no manifest names yet.',
  );
}
