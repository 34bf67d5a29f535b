import type { Connection, Sql } from './pool.ts';

const isOfThisDatabase = 'l.database = (select oid from pg_database where datname = current_database())';

/** Narrows `pg_locks l` to the holder of the advisory lock $1 of this database: the key's 64 bits stand there in halves. */
export const holdsAdvisoryLock = `l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and ((l.classid::bigint << 32) | l.objid::bigint) = $1::bigint
        and ${isOfThisDatabase}`;

const wantsTableAlone = `l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation = to_regclass($1)
        and ${isOfThisDatabase}`;

const SESSION = `a.pid, a.application_name as name,
            to_char(coalesce(a.xact_start, a.backend_start) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since`;

/** A session that holds an advisory lock, as far as the role may see it. */
export interface LockHolder extends Session {
  readonly state: string | null;
  /** Since when it has not changed its state, in seconds; null where the role may not see it. */
  readonly unchangedSeconds: number | null;
  /** Differs where the session has changed its state or its statement. */
  readonly activity: string;
}

interface Session {
  readonly pid: number;
  readonly name: string;
  readonly since: string | null;
}

/** Returns the session that holds an advisory lock; undefined if the role sees none. */
export async function readLockHolder(sql: Sql | Connection, key: string): Promise<LockHolder | undefined> {
  const [holder] = await sql.unsafe(
    `select ${SESSION}, a.state,
            extract(epoch from clock_timestamp() - a.state_change)::float8 as "unchangedSeconds",
            concat_ws(' ', a.backend_start, a.state, a.state_change, a.query_start, md5(a.query)) as activity
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where ${holdsAdvisoryLock} limit 1`,
    [key],
  );
  return holder as unknown as LockHolder | undefined;
}

/** Describes the session that holds an advisory lock, as far as the role may see it; undefined if it sees none. */
export async function findLockHolder(sql: Sql | Connection, key: string): Promise<string | undefined> {
  const holder = await readLockHolder(sql, key);
  return holder && describeHolder(holder);
}

/** A session in words. */
export function describeHolder({ pid, name, since }: Session): string {
  return [name, `process ${pid}`, since && `since ${since} UTC`].filter(Boolean).join(', ');
}

/** Who has a table for himself, or waits for that and holds up all others meanwhile; undefined where nobody is seen to. */
export function findTableHolder(sql: Sql | Connection, table: string): Promise<string | undefined> {
  return findSession(sql, wantsTableAlone, table);
}

// Of a session of another role one may see its process and its name, and not since when it is at work.
async function findSession(sql: Sql | Connection, where: string, value: string): Promise<string | undefined> {
  const [session] = await sql.unsafe(
    `select ${SESSION}
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where ${where}
      order by l.granted desc, a.xact_start limit 1`,
    [value],
  );
  return session && describeHolder(session as unknown as Session);
}
