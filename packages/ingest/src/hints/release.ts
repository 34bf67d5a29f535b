/** WAL beyond which an unchanged run releases it, at once or after a while: bytes. */
const RELEASE_AT_ONCE_BYTES = 256n * 1024n * 1024n;
const RELEASE_BYTES = 16n * 1024n * 1024n;
/** How long the last batch must be past for the smaller amount: milliseconds. */
const RELEASE_AFTER_MS = 30 * 60_000;

/** How much WAL a slot keeps, and how much of it a batch would release. */
export interface RetainedWal {
  /** Where the WAL that the slot keeps begins and ends: bytes. */
  readonly from: bigint;
  readonly to: bigint;
  /** The position to which the slot would be advanced after a batch. */
  readonly next: bigint;
  /** How long ago the last batch was read, by the source's clock: milliseconds. */
  readonly batchAgeMs: number;
}

/**
 * Whether a run without changes commits an empty batch, so that the slot is advanced: a quiet model beside busy tables
 * keeps their WAL. It never does if an open transaction keeps the WAL, because then the batch would release nothing.
 */
export function releasesWal({ from, to, next, batchAgeMs }: RetainedWal): boolean {
  if (next - from <= RELEASE_BYTES) return false;
  const retained = to - from;
  return retained > RELEASE_AT_ONCE_BYTES || (retained > RELEASE_BYTES && batchAgeMs > RELEASE_AFTER_MS);
}
