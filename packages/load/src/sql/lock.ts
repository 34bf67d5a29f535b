import { holdsAdvisoryLock } from '@totesys/runtime';

/** Whether the lock was taken. */
export interface LockState {
  readonly locked: boolean;
}

/** Takes the lock $1 for the transaction, or returns false at once. */
export const tryLoadLock = 'select pg_try_advisory_xact_lock($1::bigint) as locked';

/** Ends a session of this role that holds the lock $1 and has waited for its client for longer than $2. */
export const terminateAbandonedHolder = `select pg_terminate_backend(a.pid)
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
   where ${holdsAdvisoryLock}
     and a.usename = current_user and a.wait_event_type = 'Client'
     and a.state_change < clock_timestamp() - $2::interval`;
