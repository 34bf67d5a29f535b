import {
  type Connection,
  findLockHolder,
  type HolderLimits,
  holdsAdvisoryLock,
  inTransaction,
  judgeHolder,
  type Pool,
  READ_COMMITTED,
  readLockHolder,
  type Sql,
  type YieldReason,
} from '@totesys/runtime';

// Any number that nobody else uses.
const LOCK_KEY = '8389772276738093431';
/** A load is over by then: no Lambda lives longer. Who still holds the lock has lost its client. */
const LONGEST_LOAD = '15 minutes';

/** Takes the lock that lets one load at a time at this warehouse, for the transaction; false where another one has it. */
export async function tryLock(sql: Connection): Promise<boolean> {
  const [row] = await sql.unsafe('select pg_try_advisory_xact_lock($1::bigint) as locked', [LOCK_KEY]);
  if (row?.locked === true) return true;
  await endAbandonedHolder(sql);
  return false;
}

const OTHER = 'another load is at work on this warehouse';

/** Says that another load has the lock, and which, where the role may see it. */
export async function describeHolder(sql: Connection): Promise<string> {
  const holder = await findLockHolder(sql, LOCK_KEY);
  return holder === undefined ? OTHER : `${OTHER} (${holder})`;
}

/** Returns the reason to yield to the load that holds the lock; throws LOCK_ABANDONED if its session looks dead within `limits`. */
export function judgeOtherLoad(sql: Pool, limits?: HolderLimits): Promise<YieldReason> {
  const look = () => inTransaction(sql, READ_COMMITTED, (looking) => readLockHolder(looking, LOCK_KEY));
  return judgeHolder(OTHER, look, limits);
}

/** Ends a load of this role that has waited for its client without a change of its state for longer than any lives: a client that died in the middle of a COPY leaves its lock behind. */
export async function endAbandonedHolder(sql: Connection | Sql, longest: string = LONGEST_LOAD): Promise<void> {
  await sql.unsafe(
    `select pg_terminate_backend(a.pid)
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where ${holdsAdvisoryLock}
        and a.usename = current_user and a.wait_event_type = 'Client' and a.state_change < clock_timestamp() - $2::interval`,
    [LOCK_KEY, longest],
  );
}
