import type postgres from 'postgres';
import { sqlStateOf } from './sql-state.ts';

type Sql = postgres.Sql;

/** Opens a pool of one connection, beside those that are asked about. */
export type OpenAside = () => Sql;

/** What the server does for a session: works, waits for its client, has no such session, or says nothing. `pids` are the sessions found. */
export interface SessionVerdict {
  readonly kind: 'works' | 'waits' | 'absent' | 'silent';
  readonly pids: readonly number[];
}

/** insufficient_resources: the server lives, and has no connection to spare for a question. */
const NO_RESOURCES = /^53/;

interface SessionRow {
  readonly pid: number;
  readonly waits: boolean;
}

/** Asks the server, within a limit, what it does for a session of ours. */
export async function verdictOn(
  openAside: OpenAside,
  answerMs: number,
  asked: { readonly pid: number; readonly text: string },
): Promise<SessionVerdict> {
  try {
    const sessions = await askServer(openAside, answerMs, (aside) => findSessions(aside, asked));
    const pids = sessions.map(({ pid }) => pid);
    if (sessions.length === 0) return { kind: 'absent', pids };
    return { kind: sessions.every(({ waits }) => waits) ? 'waits' : 'works', pids };
  } catch (error) {
    return { kind: NO_RESOURCES.test(sqlStateOf(error) ?? '') ? 'works' : 'silent', pids: [] };
  }
}

/** Asks something over a connection of its own, which is given up when the time is over. */
export async function askServer<T>(
  openAside: OpenAside,
  timeoutMs: number,
  ask: (aside: Sql) => Promise<T>,
): Promise<T> {
  const aside = openAside();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  const answer = ask(aside);
  answer.catch(() => {});
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
    void giveUp(aside);
  }
}

/** Ends sessions of our own role on the server: those of `pids` where these are the server's own, and `others`, which it has named itself. */
export async function endSessions(aside: Sql, pids: readonly number[], others: readonly number[]): Promise<void> {
  const own = (await isPooled(aside)) ? [] : pids;
  await aside.unsafe(
    `select pg_terminate_backend(pid)
       from pg_stat_activity
      where pid in (select value::int from json_array_elements_text($1::text::json))
        and pid <> pg_backend_pid() and usename = current_user and datname = current_database()
        and application_name = current_setting('application_name')`,
    [JSON.stringify([...own, ...others])],
  );
}

// A pooler invents process numbers: its sessions are known by what they execute.
async function findSessions(aside: Sql, { pid, text }: { pid: number; text: string }): Promise<SessionRow[]> {
  const isText = await isPooled(aside);
  const which = isText ? `state <> 'idle' and query = left($1::text, length(query))` : 'pid = $1::int';
  const rows = await aside.unsafe(
    `select pid, coalesce(wait_event_type = 'Client', false) as waits
       from pg_stat_activity
      where ${which} and pid <> pg_backend_pid() and usename = current_user and datname = current_database()`,
    [isText ? text : String(pid)],
  );
  return rows as unknown as SessionRow[];
}

async function isPooled(aside: Sql): Promise<boolean> {
  const [row] = await aside.unsafe('select pg_backend_pid() as pid');
  const { connections } = (aside as unknown as Aside).watched;
  return connections.every((connection) => connection.look()?.pid !== row?.pid);
}

async function giveUp(aside: Sql): Promise<void> {
  await aside.end({ timeout: 1 });
  // One that has not been let in is still on its way.
  for (const connection of (aside as unknown as Aside).watched.connections) {
    connection.abort(new Error('The question was given up.'));
  }
}

interface Aside {
  readonly watched: {
    readonly connections: readonly { look(): { readonly pid: number } | null; abort(error: Error): void }[];
  };
}
