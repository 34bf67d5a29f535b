import type postgres from 'postgres';
import { ErrorCode, PipelineError } from '../errors.ts';
import { isServerError } from './is-server-error.ts';
import { isOneOfStates, SqlState, SqlStateClass } from './sql-state.ts';

/** Codes of the client and of Node by which a connection fails. */
const CONNECTION_FAULTS = /^(CONNECT|CONNECTION_|E[A-Z]+$|ERR_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;
/** SQLSTATEs by which a connection fails. */
const CONNECTION_STATES = [
  SqlStateClass.connectionException,
  SqlStateClass.invalidAuthorization,
  SqlStateClass.invalidCatalogName,
  SqlStateClass.sessionEnd,
  SqlState.tooManyConnections,
];
/** SQLSTATEs of limits for statements, locks and sessions. */
const TIMEOUT_STATES = [
  SqlState.queryCanceled,
  SqlState.lockNotAvailable,
  SqlState.idleInTransactionSessionTimeout,
  SqlState.transactionTimeout,
  SqlState.idleSessionTimeout,
];
/** Remedies for SQLSTATEs whose message has none. */
const REMEDIES: Readonly<Record<string, string>> = {
  [SqlState.readOnlySqlTransaction]:
    'The URL names a standby, or default_transaction_read_only is on. Name the primary, or set ' +
    'default_transaction_read_only = off for the role.',
  [SqlState.characterNotInRepertoire]:
    'A text is not valid UTF-8, which only a database of encoding SQL_ASCII accepts. Correct that text.',
  [SqlState.untranslatableCharacter]:
    'The encoding of the database lacks this character. Create a database with encoding UTF8, and name it in the URL.',
};
/** The remedy for a standby that cancelled a statement or a session because replay had to go on. */
const STANDBY_REMEDY =
  'The server is a standby, and replay removed what this run was reading. Set hot_standby_feedback = on there, or ' +
  'raise max_standby_streaming_delay (max_standby_archive_delay where it replays an archive) beyond the length of ' +
  'a run; the next run tries again.';
/** Classes whose hints are about names and settings, never about rows. */
const HINT_CLASSES = [
  SqlStateClass.connectionException,
  SqlStateClass.featureNotSupported,
  SqlStateClass.invalidTransactionState,
  SqlStateClass.invalidAuthorization,
  SqlStateClass.invalidCatalogName,
  SqlStateClass.invalidSchemaName,
  SqlStateClass.transactionRollback,
  SqlStateClass.syntaxErrorOrAccessRuleViolation,
  SqlStateClass.insufficientResources,
  SqlStateClass.programLimitExceeded,
  SqlStateClass.objectNotInPrerequisiteState,
  SqlStateClass.operatorIntervention,
  SqlStateClass.systemError,
  SqlStateClass.internalError,
];
/** SQLSTATEs whose messages quote names of encodings and show the value as bytes. */
const ENCODING_STATES = [SqlState.characterNotInRepertoire, SqlState.untranslatableCharacter];
/** Codes of a socket whose server is lost, which the client passes on unchanged. */
const SOCKET_FAULTS = /^(ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** The longest piece of a statement that a context carries. */
const STATEMENT_CHARACTERS = 300;

/** The remedy for a role, a database or a server that allows too few connections. */
export const CONNECTION_LIMIT_REMEDY =
  'A run and a comparison need 3 connections at once. Raise the limit (alter role … connection limit, alter ' +
  'database … connection limit, or max_connections) or end other sessions; every run fails until then.';

/** The remedy for a connection or a statement that got no session of the server; a pooler does not report this. */
export const POOL_SIZE_REMEDY =
  'If the URL names a pooler, the pooler had no free server connection: a run and a comparison need 3 ' +
  'connections at once, so raise its pool size (default_pool_size) to 4 or more.';

/** Runs work that uses one database, and describes an error of its client as a PipelineError. */
export async function atDatabase<T>(database: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isDatabaseError(error) ? describeDatabaseError(error, `The ${database}`, database) : error;
  }
}

/** Whether an error comes unchanged from the database's client, so that it has no remedy yet. */
export function isDatabaseError(error: unknown): error is Error {
  if (isServerError(error)) return true;
  if (!(error instanceof Error) || error instanceof PipelineError) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // The client adds the statement's parameters to the error that it rejects with.
  return /^CONNECT(ION)?_/.test(code) || SOCKET_FAULTS.test(code) || 'parameters' in error;
}

/**
 * Describes a database error: SQLSTATE, message and remedy, without row values; returns a PipelineError unchanged. If
 * `database` is given, the message of a lost connection names the database instead of the subject.
 */
export function describeDatabaseError(error: unknown, subject: string, database?: string): PipelineError {
  if (error instanceof PipelineError) return error;
  const fault = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined;
  if (isServerError(fault)) {
    const message = withoutValues(fault);
    const kind = codeOf(fault);
    const said = `answered ${fault.code}: ${message}`;
    const text = isLost(kind, database) ? lostWith(database, fault.code, said) : `${subject} ${said}.`;
    return new PipelineError(kind, `${text}${remedy(fault)}`, {
      context: { sqlstate: fault.code, ...places(fault), ...statementOf(fault) },
      cause: withoutFields(fault, message),
    });
  }
  const said = fault.message === '' ? (causes(fault) ?? fault.name) : fault.message;
  // A message of the client itself begins with its code.
  const message = code !== undefined && said.startsWith(`${code}: `) ? said.slice(code.length + 2) : said;
  const kind =
    code !== undefined && CONNECTION_FAULTS.test(code) ? ErrorCode.CONNECTION_FAILED : ErrorCode.QUERY_FAILED;
  return new PipelineError(
    kind,
    isLost(kind, database) ? lost(database, message, code) : `${subject} cannot be reached or was lost: ${message}.`,
    {
      context: { ...(code === undefined ? {} : { code }), ...statementOf(fault) },
      cause: withoutFields(fault, message),
    },
  );
}

function isLost(kind: ErrorCode, database: string | undefined): database is string {
  return database !== undefined && kind === ErrorCode.CONNECTION_FAILED;
}

// Waiting does not help: a later run gets no more connections than this one.
function lostWith(database: string, sqlstate: string, said: string): string {
  if (sqlstate !== SqlState.tooManyConnections) return lost(database, `it ${said}`);
  return `The ${database} refused a further connection: it ${said}. Nothing is half done. ${CONNECTION_LIMIT_REMEDY}`;
}

function lost(database: string, message: string, code?: string): string {
  if (code === 'CONNECT_TIMEOUT') {
    return (
      `No further connection to the ${database} was accepted: ${message}. What was committed stays, and nothing is ` +
      `half done; check its server and the network. ${POOL_SIZE_REMEDY} The next run tries again.`
    );
  }
  return (
    `The connection to the ${database} was lost: ${message}. What was committed stays, and nothing is half done; ` +
    'check that its server runs. The next run goes on.'
  );
}

function remedy(fault: postgres.PostgresError): string {
  const hint = isOneOfStates(fault.code, HINT_CLASSES) ? fault.hint : undefined;
  const said = isRecoveryConflict(fault) ? STANDBY_REMEDY : (REMEDIES[fault.code] ?? hint);
  return said === undefined ? '' : ` ${said.replace(/[.\s]*$/, '')}.`;
}

/** SQLSTATEs of a statement that replay on a standby ended. */
const RECOVERY_CONFLICT_STATES = [SqlState.serializationFailure, SqlState.deadlockDetected];

// The message may be in the server's own language; the routine's name is not.
function isRecoveryConflict({ code, message, routine }: postgres.PostgresError): boolean {
  return (
    isOneOfStates(code, RECOVERY_CONFLICT_STATES) &&
    (/recovery/.test(message) || /recovery_?conflict|^ProcessInterrupts$/i.test(routine))
  );
}

function codeOf({ code, severity }: postgres.PostgresError): ErrorCode {
  if (isOneOfStates(code, TIMEOUT_STATES)) return ErrorCode.TIMED_OUT;
  const isEnd = /^(FATAL|PANIC)$/.test(severity) || isOneOfStates(code, CONNECTION_STATES);
  return isEnd ? ErrorCode.CONNECTION_FAILED : ErrorCode.QUERY_FAILED;
}

/** Messages of data exceptions quote the value. */
function withoutValues(fault: postgres.PostgresError): string {
  const message = fault.message.replace(/\.$/, '');
  if (isOneOfStates(fault.code, ENCODING_STATES)) return message.replace(/0x[\da-f]{2}( 0x[\da-f]{2})*/gi, '…');
  return isOneOfStates(fault.code, [SqlStateClass.dataException]) ? message.replace(/".*"/s, '"…"') : message;
}

function places(fault: postgres.PostgresError): Record<string, string> {
  const { schema_name: schema, table_name: table, column_name: column, constraint_name: constraint } = fault;
  return Object.fromEntries(
    Object.entries({ schema, table, column, constraint }).filter((entry): entry is [string, string] =>
      Boolean(entry[1]),
    ),
  );
}

function statementOf(fault: Error): { statement?: string } {
  const text = 'query' in fault && typeof fault.query === 'string' ? fault.query.trim() : '';
  return text === '' ? {} : { statement: text.slice(0, STATEMENT_CHARACTERS) };
}

/** Keeps only the stack: the client's error has row values in `detail`, `where` and its parameters. */
function withoutFields(fault: Error, message: string): Error {
  const cause = new Error(message);
  cause.name = fault.name;
  const frames = fault.stack?.slice(fault.stack.indexOf('\n    at ') + 1);
  cause.stack = `${fault.name}: ${message}\n${frames ?? ''}`;
  return cause;
}

/** Node tries every address of a host and reports all failures in one AggregateError without a message. */
function causes(fault: Error): string | undefined {
  return fault instanceof AggregateError ? fault.errors.map((each: Error) => each.message).join('; ') : undefined;
}
