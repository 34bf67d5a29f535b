import type postgres from 'postgres';
import { beginTransaction, READ_COMMITTED } from '../postgres/begin-transaction.ts';
import { send } from '../postgres/driver.ts';
import type { Sql } from '../postgres/pool.ts';
import { isOneOfStates, SqlStateClass, sqlStateOf } from '../postgres/sql-state.ts';
import { withinLimit } from '../within-limit.ts';

/** Opens a pool of one more connection, for questions to the server. */
export type OpenAside = () => Sql;

/**
 * What the server does for a session: it works, waits for its client, has no such session, or does not answer.
 * `unserved` means that no session behind a pooler executes the statement. `pids` are the sessions found.
 */
export interface SessionVerdict {
  readonly kind: 'works' | 'waits' | 'absent' | 'unserved' | 'silent';
  readonly pids: readonly number[];
}

/** A way to ask the server: a transaction on a connection whose process number the client knows as `pid`. */
export interface Channel {
  readonly pid: number | null;
  ask(text: string, parameters?: readonly string[]): PromiseLike<readonly postgres.Row[]>;
}

/** The server runs, and has no connection left for a question. */
const NO_RESOURCES = [SqlStateClass.insufficientResources];

interface Asked {
  readonly pid: number;
  readonly text: string;
}

/**
 * Asks the server, within a limit, what it does for a session of ours: over another connection, and over one that is
 * idle in a transaction if there is one, because a pooler may have no free server connection. The first answer counts.
 */
export async function verdictOn(
  openAside: OpenAside,
  answerMs: number,
  { asked, idle }: { readonly asked: Asked; readonly idle: Channel | undefined },
): Promise<SessionVerdict> {
  const silent = { kind: 'silent', pids: [] } as const;
  const answers = [askServer(openAside, answerMs, (aside) => readVerdict(aside, asked))];
  if (idle !== undefined) answers.push(withinLimit(answerMs, 'no answer', readVerdict(idle, asked)));
  try {
    return await Promise.any(answers);
  } catch (error) {
    const isFull = (error as AggregateError).errors.some((each) => isOneOfStates(sqlStateOf(each), NO_RESOURCES));
    return isFull ? { ...silent, kind: 'works' } : silent;
  }
}

/** Asks over a connection of its own, which is closed after the limit. */
export async function askServer<T>(
  openAside: OpenAside,
  timeoutMs: number,
  ask: (channel: Channel) => Promise<T>,
): Promise<T> {
  const aside = openAside();
  try {
    return await withinLimit(timeoutMs, 'no answer', inOwnTransaction(aside, ask));
  } finally {
    void giveUp(aside);
  }
}

/**
 * Ends sessions of our role on the server: `pids`, unless a pooler invented them, and `others`, which the server
 * reported.
 */
export async function endSessions(channel: Channel, pids: readonly number[], others: readonly number[]): Promise<void> {
  const own = (await isPooled(channel)) ? [] : pids;
  await channel.ask(
    `select pg_terminate_backend(pid)
       from pg_stat_activity
      where pid in (select value::int from json_array_elements_text($1::text::json))
        and pid <> pg_backend_pid() and usename = session_user and datname = current_database()
        and application_name = current_setting('application_name')`,
    [JSON.stringify([...own, ...others])],
  );
}

// `beginTransaction` sets the search path. `set local role none` lets the login role see its own sessions even if the
// session has another `role`.
async function inOwnTransaction<T>(aside: Sql, ask: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await aside.reserve();
  await beginTransaction(aside, connection, READ_COMMITTED);
  await send(connection, 'set local role none');
  const { connections } = (aside as Aside).watched;
  const pid = connections.find((each) => each.look() !== null)?.look()?.pid ?? null;
  const answer = await ask({ pid, ask: (text, parameters = []) => send(connection, text, parameters) });
  await send(connection, 'commit');
  connection.release();
  return answer;
}

async function readVerdict(channel: Channel, { pid, text }: Asked): Promise<SessionVerdict> {
  const pooled = await isPooled(channel);
  // A pooler invents process numbers, so its sessions are identified by the statement that they execute. Empty
  // statements do not count: they are pings, which every run sends.
  const executes = `state <> 'idle' and query = left($1::text, length(query)) and (query <> '' or state = 'disabled')`;
  const which = pooled ? executes : 'pid = $1::int';
  const sessions = await channel.ask(
    `select pid, coalesce(wait_event_type = 'Client', false) as waits
       from pg_stat_activity
      where ${which} and pid <> pg_backend_pid() and usename = session_user and datname = current_database()`,
    [pooled ? text : String(pid)],
  );
  const pids = sessions.map((session) => Number(session.pid));
  if (sessions.length === 0) return { kind: pooled ? 'unserved' : 'absent', pids };
  return { kind: sessions.every(({ waits }) => waits) ? 'waits' : 'works', pids };
}

// A transaction keeps its first snapshot of pg_stat_activity until it is cleared.
async function isPooled({ pid, ask }: Channel): Promise<boolean> {
  const [row] = await ask('select pg_backend_pid() as pid, pg_stat_clear_snapshot()');
  return row?.pid !== pid;
}

async function giveUp(aside: Sql): Promise<void> {
  await aside.end({ timeout: 1 });
  // A connection that is still being opened must end too.
  for (const connection of (aside as Aside).watched.connections) {
    connection.abort(new Error('The question was cancelled.'));
  }
}

/** A pool of the patched client. */
type Aside = Sql & {
  readonly watched: {
    readonly connections: readonly { look(): { readonly pid: number } | null; abort(error: Error): void }[];
  };
};
