import { findPartOrigin, type StoredObject } from '@totesys/lake';
import type { NamedByManifests } from './read-named.ts';

const DAY_MS = 24 * 60 * 60_000;

/** The facts that decide whether an object is a leftover. */
export interface SweepRule {
  readonly named: NamedByManifests;
  /** The time on the clock of the lake, and the least age of a leftover. */
  readonly nowMs: number;
  readonly olderThanMs: number;
  /** Whether an uncommitted batch is in the folder of the day on which it runs, as in the ingestion lake. */
  readonly isDatedByRun: boolean;
}

/**
 * Returns whether an object is a part that no manifest names or will name. Other objects are never leftovers:
 * manifests, requests, decisions of the operator, foreign objects. The manifest of a committed batch is final. A part
 * of a batch that is not committed may be reused by a run that writes the same object, so it is a leftover only if it
 * is in the folder of a day on which no run can still be active.
 */
export function isLeftover({ named, nowMs, olderThanMs, isDatedByRun }: SweepRule, object: StoredObject): boolean {
  const place = findPartOrigin(object.key);
  if (!place || nowMs - object.writtenMs < olderThanMs) return false;
  if (place.batch <= named.newest) return !named.objects.has(object.key);
  const dayEndMs = Date.parse(`${place.day}T00:00:00Z`) + DAY_MS;
  return isDatedByRun && nowMs - dayEndMs >= olderThanMs;
}
