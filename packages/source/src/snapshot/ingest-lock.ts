import {
  type Connection,
  findLockHolder,
  type HolderLimits,
  inTransaction,
  judgeHolder,
  type Pool,
  READ_COMMITTED,
  readLockHolder,
  tryLock,
  type YieldReason,
} from '@totesys/runtime';

// Any number that no other program uses.
const ADVISORY_LOCK_KEY = '8389772276738093361';

/**
 * Takes the lock that one ingest at a time holds, until the transaction ends; returns false if another ingest holds
 * it.
 */
export function tryIngestLock(connection: Connection): Promise<boolean> {
  return tryLock(connection, ADVISORY_LOCK_KEY);
}

/** Describes the session that holds the ingest lock now, without taking it; undefined if the role sees none. */
export function findIngestAtWork(connection: Connection): Promise<string | undefined> {
  return findLockHolder(connection, ADVISORY_LOCK_KEY);
}

/**
 * Returns that another ingest is at work on this source, and which one if the role may see it. Throws LOCK_ABANDONED
 * if that one shows no sign of life within `limits`.
 */
export function judgeOtherIngest(sql: Pool, limits?: HolderLimits): Promise<YieldReason> {
  const look = () => inTransaction(sql, READ_COMMITTED, (looking) => readLockHolder(looking, ADVISORY_LOCK_KEY));
  return judgeHolder('another ingest is at work on this source', look, limits);
}
