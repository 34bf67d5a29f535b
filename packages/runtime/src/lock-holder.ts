import type { Connection, Sql } from './postgres.ts';

const isOfThisDatabase = 'l.database = (select oid from pg_database where datname = current_database())';

/** Narrows `pg_locks l` to the holder of the advisory lock $1 of this database: the key's 64 bits stand there in halves. */
export const holdsAdvisoryLock = `l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and ((l.classid::bigint << 32) | l.objid::bigint) = $1::bigint
        and ${isOfThisDatabase}`;

const wantsTableAlone = `l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.relation = to_regclass($1)
        and ${isOfThisDatabase}`;

/** Who holds an advisory lock, in words, as far as the role may see it; undefined where nobody is seen to. */
export function findLockHolder(sql: Sql | Connection, key: string): Promise<string | undefined> {
  return findSession(sql, holdsAdvisoryLock, key);
}

/** Who has a table for himself, or waits for that and holds up all others meanwhile; undefined where nobody is seen to. */
export function findTableHolder(sql: Sql | Connection, table: string): Promise<string | undefined> {
  return findSession(sql, wantsTableAlone, table);
}

// Of a session of another role one may see its process and its name, and not since when it is at work.
async function findSession(sql: Sql | Connection, where: string, value: string): Promise<string | undefined> {
  const [session] = await sql.unsafe(
    `select a.pid, a.application_name as name,
            to_char(coalesce(a.xact_start, a.backend_start) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where ${where}
      order by l.granted desc, a.xact_start limit 1`,
    [value],
  );
  if (!session) return undefined;
  return [session.name, `process ${session.pid}`, session.since && `since ${session.since} UTC`]
    .filter(Boolean)
    .join(', ');
}
