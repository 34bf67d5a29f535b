import type { IngestionManifest } from '@totesys/lake';
import type { SourceSnapshot } from './source-snapshot.ts';

/**
 * How the source relates to the last manifest: the same source, one with another history, or the same source at an
 * earlier position.
 */
export type Continuity = 'same' | 'new-history' | 'behind';

/**
 * Compares the source with the one that the last manifest saw. A standby that has not caught up is behind. A primary
 * at an earlier position was restored: it may use transaction ids a second time, so it has a new history.
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
  // A standby changes its timeline late. With an older one it may follow the same source or the source before a fork;
  // a later run decides.
  if (is.inRecovery) {
    if (isBehind || is.timeline < was.timeline) return 'behind';
    return is.timeline > was.timeline ? 'new-history' : 'same';
  }
  if (is.timeline === was.timeline) return isBehind ? 'new-history' : 'same';
  return 'new-history';
}
