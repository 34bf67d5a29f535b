import { UsageError } from '../process/usage-error.ts';

const HOUR_MS = 60 * 60_000;
const UNITS_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS };
/**
 * A run writes its parts before the manifest that names them. No run takes nearly this long: a Lambda stops after
 * 15 minutes, a statement of the command after an hour.
 */
const SHORTEST_HOURS = 24;

/** Parses an age such as `36h` or `7d` into milliseconds; it must be at least a day. */
export function parseAge(text: string): number {
  const match = /^(\d{1,6})([hd])$/.exec(text);
  const ageMs = match ? Number(match[1]) * UNITS_MS[match[2]!]! : Number.NaN;
  if (ageMs >= SHORTEST_HOURS * HOUR_MS) return ageMs;
  throw new UsageError(
    `--older-than is not valid: expected hours or days, such as 36h or 7d, and at least ${SHORTEST_HOURS}h. ` +
      'A running stage has written parts that no manifest names yet.',
  );
}
