import {
  beginTransaction,
  CONNECTION_LIMIT_REMEDY,
  type Connection,
  connect,
  describeError,
  execute,
  findPooler,
  inTransaction,
  POOL_SIZE_REMEDY,
  type Pool,
  parseDatabaseUrl,
  query,
  READ_COMMITTED,
  type Sql,
  WRITING,
  withinLimit,
} from '@totesys/runtime';
import { readServer, type ServerRow } from '../sql/server-facts.ts';
import { type Area, type Check, failed, failedBy, passed, warned } from './check.ts';

/** A database that is examined. */
export interface Examined {
  readonly area: 'source' | 'warehouse';
  readonly url: string;
  /** The clock of this machine: milliseconds since 1970. */
  readonly now: () => number;
}

/** The pool of a database, and what its server reports. */
export interface ExaminedServer {
  readonly pool: Pool;
  readonly server: ServerRow;
}

/** Connections that a run opens at once, and one for the ledger or a question about a session. */
const CONNECTIONS = 4;
/** The limit of one statement of the checks: milliseconds. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** The limit for the connections that a run needs at once: milliseconds. */
const CONNECTIONS_LIMIT_MS = 8_000;
/** A silence of the server that is a fault: milliseconds. */
const LIMITS = { stallMs: 5_000, answerMs: 3_000, acquireMs: CONNECTIONS_LIMIT_MS };

/** Opens a pool whose waits are shorter than those of a run; the caller ends it. */
export function connectForChecks(url: string, subject: Examined['area']): Promise<Sql> {
  const options = { subject, applicationName: 'totesys-doctor', statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  return connect(url, { ...options, connections: CONNECTIONS, limits: LIMITS });
}

/** Connects to a database, examines its server and calls `more`; closes the connections. */
export async function examineServer(
  examined: Examined,
  more: (server: ExaminedServer) => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  const { area, url } = examined;
  let pool: Sql;
  try {
    pool = await connectForChecks(url, area);
  } catch (error) {
    return [failedBy(area, 'connection', error)];
  }
  const checks: Check[] = [];
  try {
    const beganMs = examined.now();
    const server = await inTransaction(pool, WRITING, readRow);
    checks.push(
      checkConnection(examined, server),
      checkTls(examined, server),
      passed(area, 'version', `Postgres ${server.version}`),
      checkClock(area, server.clock_ms, (beganMs + examined.now()) / 2),
      checkStatementTimeout(area, server),
    );
    checks.push(await checkPooler(area, pool));
    checks.push(await checkConnections(area, pool));
    return [...checks, ...(await more({ pool, server }))];
  } catch (error) {
    return [...checks, failedBy(area, 'checks', error)];
  } finally {
    await pool.end({ timeout: 1 }).catch(() => undefined);
  }
}

async function readRow(connection: Connection): Promise<ServerRow> {
  const [row] = await query<ServerRow>(connection, { text: readServer });
  return row!;
}

function checkConnection({ area, url }: Examined, { role }: ServerRow): Check {
  const { host, port, database } = parseDatabaseUrl(url, area);
  return passed(area, 'connection', `role ${role}, database '${database}' at ${host}:${port}`);
}

function checkTls({ area, url }: Examined, { is_encrypted: isEncrypted }: ServerRow): Check {
  const { tls, host } = parseDatabaseUrl(url, area);
  if (typeof tls === 'object') return passed(area, 'TLS', 'the certificate of the server is verified');
  const isLocal = /^(localhost|::1|127\.)/.test(host);
  if (isLocal) return passed(area, 'TLS', 'the address is a loopback address');
  const found = isEncrypted ? 'the certificate of the server is not verified' : 'the connection is not encrypted';
  return warned(area, 'TLS', found, `Set sslmode=verify-full in the ${area}'s URL.`);
}

/** A difference that makes ages in metrics wrong, and the one at which AWS refuses requests: milliseconds. */
const SKEW_MS = 30_000;
const REFUSED_SKEW_MS = 5 * 60_000;

function checkClock(area: Area, serverMs: number, hereMs: number): Check {
  const skewMs = serverMs - hereMs;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (seconds * 1000 < SKEW_MS) return passed(area, 'clock', `within ${SKEW_MS / 1000} s of this machine`);
  const found = `${seconds.toLocaleString('en')} s ${skewMs > 0 ? 'ahead of' : 'behind'} the clock of this machine`;
  const remedy =
    'Set the wrong clock, for example by NTP: ages of batches are wrong, and AWS refuses requests that are 5 minutes ' +
    'off.';
  return seconds * 1000 >= REFUSED_SKEW_MS
    ? failed(area, 'clock', found, remedy)
    : warned(area, 'clock', found, remedy);
}

/** The first statement of a connection runs before any transaction sets its own limit. */
const SHORTEST_TIMEOUT_MS = 1_000;

function checkStatementTimeout(area: Area, { statement_timeout_ms: limitMs, role }: ServerRow): Check {
  const subject = 'statement_timeout';
  if (limitMs === 0) return passed(area, subject, 'none; each transaction sets its own');
  if (limitMs >= SHORTEST_TIMEOUT_MS) return passed(area, subject, `${limitMs} ms; each transaction sets its own`);
  const found = `expected at least ${SHORTEST_TIMEOUT_MS} ms, got ${limitMs} ms: connecting may fail`;
  return failed(area, subject, found, `Run: alter role ${role} set statement_timeout = 0;`);
}

async function checkPooler(area: Area, pool: Pool): Promise<Check> {
  const pooler = await withinLimit(CONNECTIONS_LIMIT_MS, 'late', findPooler(pool)).catch(() => undefined);
  if (pooler === undefined) {
    const found = 'two transactions at once were not possible';
    return warned(area, 'pooler', found, 'See the check of connections.');
  }
  if (pooler === 'none') return passed(area, 'pooler', 'none');
  const mode = pooler === 'transaction' ? 'a pooler in transaction mode' : 'a pooler';
  return passed(area, 'pooler', `${mode}; settings and locks end with each transaction`);
}

type Held = Awaited<ReturnType<Pool['reserve']>>;

// A pool that is too small would make the connections of a run wait for each other.
async function checkConnections(area: Area, pool: Pool): Promise<Check> {
  const held: Held[] = [];
  let isOver = false;
  const release = async (connection: Held) => {
    await execute(connection, { text: 'rollback' }).catch(() => undefined);
    connection.release();
  };
  const hold = async () => {
    const connection = await pool.reserve();
    await beginTransaction(pool, connection, READ_COMMITTED);
    if (isOver) await release(connection);
    else held.push(connection);
  };
  try {
    for (let each = 0; each < CONNECTIONS; each++) await withinLimit(CONNECTIONS_LIMIT_MS, 'late', hold());
    return passed(area, 'connections', `${CONNECTIONS} at once`);
  } catch (error) {
    const { message } = describeError(error);
    const found = `expected ${CONNECTIONS} at once, got ${held.length}${message === 'late' ? '' : `: ${message}`}`;
    return failed(area, 'connections', found, `${CONNECTION_LIMIT_REMEDY} ${POOL_SIZE_REMEDY}`);
  } finally {
    isOver = true;
    for (const connection of held) await release(connection);
  }
}
