import {
  type Connection,
  execute,
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
import { terminateAbandonedHolder } from '../sql/lock.ts';

/** An arbitrary number that no other advisory lock uses. */
const LOCK_KEY = '8389772276738093431';
/** No Lambda runs longer: a load that still holds the lock after this time has lost its client. */
const LONGEST_LOAD = '15 minutes';

/** Takes the lock that allows one load at a time, for the transaction. Returns false if another load holds it. */
export async function tryLoadLock(connection: Connection): Promise<boolean> {
  if (await tryLock(connection, LOCK_KEY)) return true;
  await endAbandonedHolder(connection);
  return false;
}

/**
 * Ends a load of this role whose session has waited for its client, without a change of its state, for longer than
 * any load runs. A client that dies during a COPY leaves a session that holds the lock.
 */
export async function endAbandonedHolder(connection: Connection, longest: string = LONGEST_LOAD): Promise<void> {
  await execute(connection, { text: terminateAbandonedHolder, parameters: [LOCK_KEY, longest] });
}

const OTHER = 'another load is at work on this warehouse';

/** Returns the reason to yield: another load holds the lock, and which one, if the role may see it. */
export async function describeHolder(connection: Connection): Promise<string> {
  const holder = await findLockHolder(connection, LOCK_KEY);
  return holder === undefined ? OTHER : `${OTHER} (${holder})`;
}

/** Returns the reason why a load would yield now, without taking the lock; undefined if the role sees no other load. */
export async function findOtherLoad(connection: Connection): Promise<string | undefined> {
  const holder = await findLockHolder(connection, LOCK_KEY);
  return holder && `${OTHER} (${holder})`;
}

/** Returns the reason to yield to the load that holds the lock; throws LOCK_ABANDONED if its session looks dead. */
export function judgeOtherLoad(warehouse: Pool, limits?: HolderLimits): Promise<YieldReason> {
  const look = () => inTransaction(warehouse, READ_COMMITTED, (transaction) => readLockHolder(transaction, LOCK_KEY));
  return judgeHolder(OTHER, look, limits);
}
