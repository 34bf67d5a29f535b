import postgres from 'postgres';
import { ErrorCode, PipelineError } from '../errors.ts';
import { preparePool } from '../postgres/begin-transaction.ts';
import { describeDatabaseError } from '../postgres/describe-database-error.ts';
import type { Sql } from '../postgres/pool.ts';
import { allowSlowAddresses } from '../slow-addresses.ts';
import { watchConnections } from '../watchdog/watch-connections.ts';
import { WATCH_LIMITS, type WatchLimits } from '../watchdog/watch-limits.ts';
import { withinLimit } from '../within-limit.ts';
import { connectRemedy } from './connect-remedy.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { preparePassword } from './prepare-password.ts';
import { requireVersion } from './server-version.ts';

/** What a connection is for, and how long it may wait. */
export interface ConnectOptions {
  /** The subject of messages. */
  readonly subject: 'source' | 'warehouse';
  /** The most connections that the pool opens. */
  readonly connections: number;
  /** What `pg_stat_activity` shows. */
  readonly applicationName: string;
  /** The server's limit for a statement of a transaction; if absent, the server has none. */
  readonly statementTimeoutMs?: number;
  /** The end of every statement by the clock of this process, in milliseconds since 1970. */
  readonly deadlineMs?: number;
  /** Limits that replace the defaults. */
  readonly limits?: Partial<WatchLimits>;
}

/** The limit for a connection to be accepted: seconds, well below a Lambda's limit. */
const CONNECT_TIMEOUT_SECONDS = 10;
/** This process waits this much longer than the server's limit, because the server's error says more: milliseconds. */
const STATEMENT_MARGIN_MS = 5_000;
/** The limit of `connect` for the whole first exchange, TLS and password included. */
const PROBE_TIMEOUT_MS = 15_000;
/**
 * Idle connections close after this time: a Lambda that was frozen must not use a session that the server has ended.
 */
const IDLE_TIMEOUT_SECONDS = 30;
/** TCP probes the server after this silence. */
const KEEP_ALIVE_SECONDS = 10;

/** Opens a pool and proves with one query that it works; the caller ends it with `sql.end()`. */
export async function connect(url: string, options: ConnectOptions): Promise<Sql> {
  const address = parseDatabaseUrl(url, options.subject);
  allowSlowAddresses();
  const settings = {
    host: [address.host],
    port: [address.port],
    database: address.database,
    user: address.user,
    ...(address.password === undefined ? {} : { password: address.password }),
    // An option of the patched client.
    saslprep: preparePassword,
    ssl: address.tls,
    max: options.connections,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    idle_timeout: IDLE_TIMEOUT_SECONDS,
    max_lifetime: null,
    // The client sends no query on a busy connection: the query would fail during a COPY, or when the session ends.
    max_pipeline: 0,
    keep_alive: KEEP_ALIVE_SECONDS,
    onnotice: () => {},
    types: {
      // Dates and timestamps stay text: a JS Date would move them into a zone and cut their microseconds.
      date: { to: 1184, from: [1082, 1114, 1184], serialize: dateText, parse: (text: string) => text },
    },
    // A pooler may run the next transaction on another server connection, which does not have the named statements.
    prepare: false,
    // PgBouncer refuses a startup parameter that it does not track, so `inTransaction` makes every other setting.
    connection: { application_name: options.applicationName },
  };
  const open = (others: object) => postgres({ ...settings, ...others } as object);
  // Watched from the start, so that a session whose network freezes during `connect` ends too.
  const sql = watchConnections(open({}), {
    subject: options.subject,
    limits: limitsOf(options),
    deadlineMs: options.deadlineMs ?? Number.POSITIVE_INFINITY,
    openAside: () => open({ max: 1, fetch_types: false }),
  });

  try {
    // An old server may refuse this statement; the version is the more useful error.
    const prepared = preparePool(sql, options.statementTimeoutMs);
    await withinLimit(PROBE_TIMEOUT_MS, probeTimeout(), prepared).finally(() => requireVersion(sql, address.label));
    return sql;
  } catch (error) {
    await sql.end({ timeout: 0 });
    const fault = describeDatabaseError(error, address.label);
    if (fault === error) throw fault;
    throw new PipelineError(
      ErrorCode.CONNECTION_FAILED,
      `${fault.message}${connectRemedy(fault.context, options.subject)}`,
      {
        context: { ...fault.context, host: address.host, port: address.port, database: address.database },
        cause: fault,
      },
    );
  }
}

function limitsOf({ statementTimeoutMs, limits }: ConnectOptions): WatchLimits {
  const statement = statementTimeoutMs === undefined ? {} : { statementMs: statementTimeoutMs + STATEMENT_MARGIN_MS };
  return { ...WATCH_LIMITS, ...statement, ...limits };
}

function dateText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function probeTimeout(): Error {
  const fault = new Error(`no answer to a first query within ${PROBE_TIMEOUT_MS / 1000} s`);
  return Object.assign(fault, { code: 'CONNECT_TIMEOUT' });
}
