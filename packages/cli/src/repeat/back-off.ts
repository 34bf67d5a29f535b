/** The limit of the first pause after a failed run; it doubles with each further failure: milliseconds. */
const FIRST_MS = 1_000;
/** The longest pause: as long as the interval of a deployed schedule, milliseconds. */
const LONGEST_MS = 60_000;
/** Doublings after which the pause has reached its limit; a larger power would overflow. */
const MOST_DOUBLINGS = 16;

/**
 * Returns the pause after a number of failed runs in sequence, in milliseconds: exponential back-off with equal jitter.
 * Half of the pause is certain; the other half is random, so that processes which failed together do not return
 * together. `random` returns a number from 0 to 1.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backOffMs(failures: number, random: () => number): number {
  if (failures === 0) return 0;
  const limitMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, MOST_DOUBLINGS));
  return Math.round((limitMs / 2) * (1 + random()));
}
