import { holdsAdvisoryLock } from '@totesys/runtime';

/** Ends a session of this role that holds the lock $1 and has waited for its client for longer than $2. */
export const terminateAbandonedHolder = `select pg_terminate_backend(a.pid)
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
   where ${holdsAdvisoryLock}
     and a.usename = current_user and a.wait_event_type = 'Client'
     and a.state_change < clock_timestamp() - $2::interval`;
