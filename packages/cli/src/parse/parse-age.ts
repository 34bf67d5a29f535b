import { UsageError } from '../process/usage-error.ts';

const HOUR_MS = 60 * 60_000;
const UNITS_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS };
/** A run writes its parts before the manifest that names them. None lives nearly as long: a Lambda 15 minutes, one of the command's statements an hour. */
const SHORTEST_HOURS = 24;

/** An age as a person writes it, `36h` or `7d`, in milliseconds; a shorter one than a day is refused. */
export function parseAge(text: string): number {
  const match = /^(\d{1,6})([hd])$/.exec(text);
  const ageMs = match ? Number(match[1]) * UNITS_MS[match[2]!]! : Number.NaN;
  if (ageMs >= SHORTEST_HOURS * HOUR_MS) return ageMs;
  throw new UsageError(
    `--older-than takes hours or days, such as 36h or 7d: expected at least ${SHORTEST_HOURS}h, for what a run at work has written is named by no manifest yet.`,
  );
}
