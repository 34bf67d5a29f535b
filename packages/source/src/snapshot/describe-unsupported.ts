import { describeDatabaseError, ErrorCode, PipelineError, SqlState, sqlStateOf } from '@totesys/runtime';

/** SQLSTATEs of a server that lacks a function, does not support it, or is not configured for it. */
const REFUSALS: readonly (string | undefined)[] = [
  SqlState.featureNotSupported,
  SqlState.objectNotInPrerequisiteState,
  SqlState.undefinedFunction,
];
/**
 * What the message of a refusal names: a system function, the setting or the product. Only a server that streams its
 * own WAL supports these functions.
 */
const FUNCTIONS = /\bpg_\w+|wal_level|aurora/i;

const AURORA_WRITER =
  'On Aurora PostgreSQL, set rds.logical_replication = 1 in the parameter group of the cluster, restart its writer, ' +
  'and name the writer endpoint.';
const AURORA_READER =
  'An Aurora reader does not report how far it has replayed: name the writer endpoint of the cluster, ' +
  'and set rds.logical_replication = 1 in its parameter group.';

/**
 * Returns the error for a server that does not report its identity or its WAL position; undefined if the error is
 * another one. There is no fallback: without that position a restored source, a reader that is behind and a commit
 * lost in a crash look like an unchanged source.
 */
export function describeUnsupported(error: unknown): PipelineError | undefined {
  const { message } = error as Error;
  const isAurora = /wal_level must be set|supported for aurora/i.test(message);
  if (!isAurora && !(REFUSALS.includes(sqlStateOf(error)) && FUNCTIONS.test(message))) return undefined;
  const fault = 'The source does not answer a function that identifies it and its WAL position';
  const expected = `expected what PostgreSQL answers, got '${message}'`;
  return new PipelineError(
    ErrorCode.SOURCE_UNSUPPORTED,
    `${fault}: ${expected}. ${remedy(message)} Nothing is lost meanwhile.`,
    { cause: describeDatabaseError(error, 'The source') },
  );
}

/** Throws if the server answers null to a function that identifies it. */
export function requireAnswers(
  answers: Readonly<Record<'system_identifier' | 'timeline' | 'wal_position', unknown>>,
): void {
  const { system_identifier, timeline, wal_position } = answers;
  const missing = Object.entries({ system_identifier, timeline, wal_position }).find(([, value]) => value === null);
  if (!missing) return;
  const fault = `The source does not report its ${missing[0].replace('_', ' ')}: expected a value, got null`;
  const standby = 'A standby that has replayed nothing yet reports it after its first replay.';
  throw new PipelineError(
    ErrorCode.SOURCE_UNSUPPORTED,
    `${fault}. ${remedy('')} ${standby} Nothing is lost meanwhile.`,
  );
}

function remedy(message: string): string {
  if (/wal_level/.test(message)) return AURORA_WRITER;
  if (/aurora/i.test(message)) return AURORA_READER;
  return 'Name a PostgreSQL server that supports it, a primary or a standby.';
}
