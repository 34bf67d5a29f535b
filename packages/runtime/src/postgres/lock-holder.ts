import type { Runner } from './driver.ts';
import { query } from './query.ts';

const isOfThisDatabase = 'l.database = (select oid from pg_database where datname = current_database())';

/**
 * The predicate for the row of `pg_locks l` that holds the advisory lock $1 of this database; two columns hold the
 * key's 64 bits.
 */
export const holdsAdvisoryLock = `l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and ((l.classid::bigint << 32) | l.objid::bigint) = $1::bigint
        and ${isOfThisDatabase}`;

const wantsAccessExclusive = `l.locktype = 'relation' and l.mode = 'AccessExclusiveLock'
        and l.relation = to_regclass($1)
        and ${isOfThisDatabase}`;

const SESSION = `a.pid, a.application_name as name,
            to_char(coalesce(a.xact_start, a.backend_start) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since`;

/** A session that holds an advisory lock, as far as the role may see it. */
export interface LockHolder extends Session {
  readonly state: string | null;
  /** Seconds since it last changed its state; null if the role may not see it. */
  readonly unchangedSeconds: number | null;
  /** Changes when the session changes its state or its statement. */
  readonly activity: string;
}

interface Session {
  readonly pid: number;
  readonly name: string;
  readonly since: string | null;
}

/** Returns the session that holds an advisory lock; undefined if the role sees none. */
export async function readLockHolder(runner: Runner, key: string): Promise<LockHolder | undefined> {
  const text = `select ${SESSION}, a.state,
            extract(epoch from clock_timestamp() - a.state_change)::float8 as "unchangedSeconds",
            concat_ws(' ', a.backend_start, a.state, a.state_change, a.query_start, md5(a.query)) as activity
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where ${holdsAdvisoryLock} limit 1`;
  const [holder] = await query<LockHolder>(runner, { text, parameters: [key] });
  return holder;
}

/** Describes the session that holds an advisory lock, as far as the role may see it; undefined if it sees none. */
export async function findLockHolder(runner: Runner, key: string): Promise<string | undefined> {
  const holder = await readLockHolder(runner, key);
  return holder && describeHolder(holder);
}

/** Describes a session: its name, process and start. */
export function describeHolder({ pid, name, since }: Session): string {
  return [name, `process ${pid}`, since && `since ${since} UTC`].filter(Boolean).join(', ');
}

/**
 * Describes the session that holds or awaits ACCESS EXCLUSIVE on a table, which blocks all others; undefined if the
 * role sees none.
 */
export function findTableHolder(runner: Runner, table: string): Promise<string | undefined> {
  return findSession(runner, wantsAccessExclusive, table);
}

// A role without pg_read_all_stats sees the process and the name of another role's session, but not the start of its
// transaction.
async function findSession(runner: Runner, where: string, value: string): Promise<string | undefined> {
  const text = `select ${SESSION}
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where ${where}
      order by l.granted desc, a.xact_start limit 1`;
  const [session] = await query<Session>(runner, { text, parameters: [value] });
  return session && describeHolder(session);
}
