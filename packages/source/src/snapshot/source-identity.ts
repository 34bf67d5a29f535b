import type { IngestionManifest } from '@totesys/lake';
import type { SourceSnapshot } from './source-snapshot.ts';

/** What the source is, seen from the last manifest: the same, one with another history, or itself but further back. */
export type Continuity = 'same' | 'new-history' | 'behind';

/**
 * Compares the source with the one that the last manifest saw. A standby that has not caught up is behind; a primary that is behind
 * was restored, so its transaction ids may be used a second time: a new history.
 */
export function compareIdentity(
  before: Pick<IngestionManifest, 'source' | 'fence'>,
  now: Pick<SourceSnapshot, 'source' | 'fence'>,
): Continuity {
  const was = before.source;
  const is = now.source;
  if (is.systemIdentifier !== was.systemIdentifier || is.databaseOid !== was.databaseOid) return 'new-history';
  const isBehind =
    BigInt(is.walPosition) < BigInt(was.walPosition) || BigInt(now.fence.xmax) < BigInt(before.fence.to.xmax);
  // A standby shows its timeline late: with an older one it may follow the same source or what that one was before it forked, and a later look tells.
  if (is.inRecovery) {
    if (isBehind || is.timeline < was.timeline) return 'behind';
    return is.timeline > was.timeline ? 'new-history' : 'same';
  }
  if (is.timeline === was.timeline) return isBehind ? 'new-history' : 'same';
  return 'new-history';
}
