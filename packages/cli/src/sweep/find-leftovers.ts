import { findPartPlace, type StoredObject } from '@totesys/lake';
import type { NamedByManifests } from './read-named.ts';

const DAY_MS = 24 * 60 * 60_000;

/** What decides whether an object is a leftover. */
export interface SweepRule {
  readonly named: NamedByManifests;
  /** The place's clock, and the age from which on a leftover goes. */
  readonly nowMs: number;
  readonly olderThanMs: number;
  /** Whether a batch that is not committed writes into the folder of the day on which it runs: ingest does, transform into its batch's. */
  readonly isDatedByRun: boolean;
}

/**
 * Whether an object is a part that nobody names and nobody will. What is no part (manifests, requests, a person's word, strangers) never
 * is. A part of a committed batch can no longer be named, its manifest is final. One of a batch to come may be met by the run that is at
 * work, which takes what it finds under the same name for its own: so it must lie in the folder of a day on which no run can still be at work.
 */
export function isLeftover({ named, nowMs, olderThanMs, isDatedByRun }: SweepRule, object: StoredObject): boolean {
  const place = findPartPlace(object.key);
  if (!place || nowMs - object.writtenMs < olderThanMs) return false;
  if (place.batch <= named.newest) return !named.objects.has(object.key);
  const dayEndMs = Date.parse(`${place.day}T00:00:00Z`) + DAY_MS;
  return isDatedByRun && nowMs - dayEndMs >= olderThanMs;
}
