import postgres from 'postgres';
import { ErrorCode, PipelineError } from './errors.ts';

/** Codes of the client and of Node by which a connection fails; SQLSTATE has classes 08, 28, 3D and 57P for the same. */
const CONNECTION_FAULTS = /^(CONNECT|CONNECTION_|E[A-Z]+$|ERR_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;
const CONNECTION_STATES = /^(08|28|3D|57P|53300)/;
/** query_canceled (by statement_timeout or a person), lock_not_available, and the session's own time limits. */
const TIMEOUT_STATES = /^(57014|55P03|25P03|25P04|57P05)$/;
/** The longest piece of a statement that a context carries. */
const STATEMENT_CHARACTERS = 300;

/** Says a database error in the pipeline's words: SQLSTATE and message, no row values; an own error comes back as it is. */
export function describeDatabaseError(error: unknown, subject: string): PipelineError {
  if (error instanceof PipelineError) return error;
  const fault = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined;
  if (fault instanceof postgres.PostgresError) {
    const message = withoutValues(fault);
    return new PipelineError(codeOf(fault.code), `${subject} answered ${fault.code}: ${message}.`, {
      context: { sqlstate: fault.code, ...places(fault), ...statementOf(fault) },
      cause: withoutFields(fault, message),
    });
  }
  const message = fault.message === '' ? (causes(fault) ?? fault.name) : fault.message;
  return new PipelineError(
    code !== undefined && CONNECTION_FAULTS.test(code) ? ErrorCode.CONNECTION_FAILED : ErrorCode.QUERY_FAILED,
    `${subject} cannot be reached or was lost: ${message}.`,
    {
      context: { ...(code === undefined ? {} : { code }), ...statementOf(fault) },
      cause: withoutFields(fault, message),
    },
  );
}

function codeOf(sqlstate: string): ErrorCode {
  if (TIMEOUT_STATES.test(sqlstate)) return ErrorCode.TIMED_OUT;
  return CONNECTION_STATES.test(sqlstate) ? ErrorCode.CONNECTION_FAILED : ErrorCode.QUERY_FAILED;
}

/** Class 22 (data exceptions) quotes the value in its message. */
function withoutValues(fault: postgres.PostgresError): string {
  const message = fault.message.replace(/\.$/, '');
  return fault.code.startsWith('22') ? message.replace(/".*"/s, '"…"') : message;
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
