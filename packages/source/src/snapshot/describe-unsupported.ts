import { describeDatabaseError, ErrorCode, PipelineError, SqlState, sqlStateOf } from '@totesys/runtime';

/** What a server says that has no such function, does not support it, or is not configured for it. */
const REFUSALS: readonly (string | undefined)[] = [
  SqlState.featureNotSupported,
  SqlState.objectNotInPrerequisiteState,
  SqlState.undefinedFunction,
];
/** The functions that only a server which streams its own WAL answers: each names a system function, the setting, or the product. */
const FUNCTIONS = /\bpg_\w+|wal_level|aurora/i;

/**
 * Describes a server that does not say who it is or how far its WAL is written; undefined where the error is another one. Without that position a
 * restored source, a reader that is behind and a commit that a crash undoes look like the source as it was, so there is nothing to fall back to.
 */
export function describeUnsupported(error: unknown): PipelineError | undefined {
  const { message } = error as Error;
  const isAurora = /wal_level must be set|supported for aurora/i.test(message);
  if (!isAurora && !(REFUSALS.includes(sqlStateOf(error)) && FUNCTIONS.test(message))) return undefined;
  return new PipelineError(
    ErrorCode.SOURCE_UNSUPPORTED,
    `The source does not answer a function that identifies it and its WAL position: expected what PostgreSQL answers, got '${message}'. ${remedy(message)} Nothing is lost meanwhile.`,
    { cause: describeDatabaseError(error, 'The source') },
  );
}

/** Throws where the server answers null to what identifies it. */
export function requireAnswers(
  answers: Readonly<Record<'system_identifier' | 'timeline' | 'wal_position', unknown>>,
): void {
  const { system_identifier, timeline, wal_position } = answers;
  const missing = Object.entries({ system_identifier, timeline, wal_position }).find(([, value]) => value === null);
  if (!missing) return;
  throw new PipelineError(
    ErrorCode.SOURCE_UNSUPPORTED,
    `The source does not say its ${missing[0].replace('_', ' ')}: expected a value, got null. ${remedy('')} A standby that has replayed nothing yet says it after its first replay. Nothing is lost meanwhile.`,
  );
}

function remedy(message: string): string {
  if (/wal_level/.test(message)) {
    return 'On Aurora PostgreSQL, set rds.logical_replication = 1 in the parameter group of the cluster, restart its writer, and name the writer endpoint.';
  }
  if (/aurora/i.test(message)) {
    return 'An Aurora reader does not say how far it has replayed: name the writer endpoint of the cluster, and set rds.logical_replication = 1 in its parameter group.';
  }
  return 'Name a PostgreSQL server that has it, a primary or a standby.';
}
