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
    'What the URL names is a standby, or default_transaction_read_only is on there. Name the primary, or switch that off for the role.',
  [SqlState.characterNotInRepertoire]:
    'A text there is no UTF-8, which only a database of encoding SQL_ASCII lets in. Mend that text.',
  [SqlState.untranslatableCharacter]:
    'Its database cannot hold every character. Have one made with encoding UTF8, and name that.',
};
/** What to do about a standby that ended a statement or a session because its replay had to go on. */
const STANDBY_REMEDY =
  'The server is a standby, and replay removed what this run was reading. Set hot_standby_feedback = on there, or raise max_standby_streaming_delay (max_standby_archive_delay where it replays an archive) beyond the length of a run; the next run tries again.';
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
/** Their messages have names of encodings in quotes, and the value as bytes. */
const ENCODING_STATES = [SqlState.characterNotInRepertoire, SqlState.untranslatableCharacter];
/** What a socket says when the server is gone, where the client hands it on as it is. */
const SOCKET_FAULTS = /^(ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** The longest piece of a statement that a context carries. */
const STATEMENT_CHARACTERS = 300;

/** What to do where a role, a database or a server lets in too few connections. */
export const CONNECTION_LIMIT_REMEDY =
  'A run and a comparison need 3 connections at once. Raise the limit (alter role … connection limit, alter database … connection limit, or max_connections) or end other sessions; every run fails until then.';

/** What to do where a connection or a statement got no session of the server, which a pooler does not say. */
export const POOL_SIZE_REMEDY =
  'If a pooler is between, it had no server connection to spare: a run and a comparison need 3 connections at once, so raise its pool size (default_pool_size) to 4 or more.';

/** Does work that has one database in it; an error of its client that escapes is said in the pipeline's words, with what to do. */
export async function atDatabase<T>(database: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isDatabaseError(error) ? describeDatabaseError(error, `The ${database}`, database) : error;
  }
}

/** Whether an error comes from the database's client as it is, and would show a person nothing but a stack. */
export function isDatabaseError(error: unknown): error is Error {
  if (isServerError(error)) return true;
  if (!(error instanceof Error) || error instanceof PipelineError) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // The client writes the statement's parameters on what it rejects with.
  return /^CONNECT(ION)?_/.test(code) || SOCKET_FAULTS.test(code) || 'parameters' in error;
}

/**
 * Says a database error in the pipeline's words: SQLSTATE and message, no row values; an own error comes back as it is. A connection
 * that is lost is said of the `database` where one is named, whatever was being done.
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
  // The client writes its own codes in front.
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

// No later run gets more connections than this one.
function lostWith(database: string, sqlstate: string, said: string): string {
  if (sqlstate !== SqlState.tooManyConnections) return lost(database, `it ${said}`);
  return `The ${database} let in no further connection: it ${said}. Nothing is half done. ${CONNECTION_LIMIT_REMEDY}`;
}

function lost(database: string, message: string, code?: string): string {
  if (code === 'CONNECT_TIMEOUT') {
    return `No further connection to the ${database} was let in: ${message}. What was committed stays, and nothing is half done; see that its server and the network answer. ${POOL_SIZE_REMEDY} The next run tries again.`;
  }
  return `The connection to the ${database} was lost: ${message}. What was committed stays, and nothing is half done; see that its server runs: the next run goes on.`;
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

/** Class 22 (data exceptions) quotes the value in its message. */
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

/** The client's error has `detail`, `where` and parameters, which are rows' values: only its stack goes on. */
function withoutFields(fault: Error, message: string): Error {
  const cause = new Error(message);
  cause.name = fault.name;
  const frames = fault.stack?.slice(fault.stack.indexOf('\n    at ') + 1);
  cause.stack = `${fault.name}: ${message}\n${frames ?? ''}`;
  return cause;
}

/** Node tries every address of a host and says what became of each in an AggregateError without a message. */
function causes(fault: Error): string | undefined {
  return fault instanceof AggregateError ? fault.errors.map((each: Error) => each.message).join('; ') : undefined;
}
