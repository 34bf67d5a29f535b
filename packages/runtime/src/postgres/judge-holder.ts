import { setTimeout as delay } from 'node:timers/promises';
import { ErrorCode, PipelineError } from '../errors.ts';
import { describeHolder, type LockHolder } from './lock-holder.ts';

/** How long the session that holds a lock may be unchanged, in milliseconds. */
export interface HolderLimits {
  /** A session whose state has not changed for this long is read a second time. */
  readonly staleMs: number;
  /** The time until the second read. */
  readonly betweenMs: number;
}

/** A Lambda runs for at most 15 minutes, and a live run pings its idle transactions every minute. */
export const HOLDER_LIMITS: HolderLimits = { staleMs: 15 * 60_000, betweenMs: 5_000 };

/** Why a run yields. `warning` is set if the role may not see whether the other run still works. */
export interface YieldReason {
  readonly reason: string;
  readonly warning?: string;
}

/**
 * Returns the reason to yield to the run that holds a lock. Throws LOCK_ABANDONED if its session has not changed its
 * state for 15 minutes and does not change it between two reads: yielding to it for ever would hide a dead run. Each
 * read must be a transaction of its own, because a transaction keeps its first snapshot of `pg_stat_activity`.
 */
export async function judgeHolder(
  other: string,
  look: () => Promise<LockHolder | undefined>,
  limits: HolderLimits = HOLDER_LIMITS,
): Promise<YieldReason> {
  const first = await look();
  if (first === undefined) return { reason: other };
  const reason = `${other} (${describeHolder(first)})`;
  if (first.unchangedSeconds === null) {
    const warning =
      `the role may not see whether the session of process ${first.pid} still works; if it never ends, run: grant ` +
      'pg_read_all_stats to the role';
    return { reason, warning };
  }
  if (first.unchangedSeconds * 1000 < limits.staleMs) return { reason };
  await delay(limits.betweenMs);
  const second = await look();
  if (second === undefined || second.pid !== first.pid || second.activity !== first.activity) return { reason };
  throw abandoned(other, second);
}

function abandoned(other: string, holder: LockHolder): PipelineError {
  const minutes = Math.floor((holder.unchangedSeconds ?? 0) / 60);
  return new PipelineError(
    ErrorCode.LOCK_ABANDONED,
    `${other[0]?.toUpperCase()}${other.slice(1)}, but its session (${describeHolder(holder)}) has been ` +
      `'${holder.state}' without a change for ${minutes} minutes: its client is probably dead. If no run works ` +
      `there, end the session: select pg_terminate_backend(${holder.pid}); the next run then goes on.`,
    { context: { pid: holder.pid, state: holder.state, unchangedSeconds: holder.unchangedSeconds } },
  );
}
