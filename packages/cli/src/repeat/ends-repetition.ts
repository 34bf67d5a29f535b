import { ErrorCode, PipelineError, SqlState } from '@totesys/runtime';

/** Whether an error with this code ends a process that repeats runs: always, never, or by its cause. */
type Verdict = 'ends' | 'repeats' | 'by cause';

/**
 * The verdict on each error code. `repeats`: the cause passes by itself, or an operator removes it at the source or by
 * another command. `ends`: no repetition helps, because the process was called wrongly or its places must be corrected.
 */
export const VERDICTS: Readonly<Record<ErrorCode, Verdict>> = {
  [ErrorCode.CONFIG_INVALID]: 'ends',
  [ErrorCode.CONNECTION_FAILED]: 'by cause',
  [ErrorCode.SERVER_TOO_OLD]: 'ends',
  [ErrorCode.QUERY_FAILED]: 'repeats',
  [ErrorCode.TIMED_OUT]: 'repeats',
  [ErrorCode.LOCK_ABANDONED]: 'repeats',
  [ErrorCode.SOURCE_TABLE_MISSING]: 'ends',
  [ErrorCode.SOURCE_COLUMN_MISSING]: 'ends',
  [ErrorCode.SOURCE_COLUMN_RETYPED]: 'ends',
  [ErrorCode.SOURCE_LABEL_UNKNOWN]: 'ends',
  [ErrorCode.SOURCE_FORBIDDEN]: 'ends',
  [ErrorCode.SOURCE_UNSUPPORTED]: 'ends',
  [ErrorCode.SOURCE_KEY_DUPLICATE]: 'repeats',
  [ErrorCode.SOURCE_ROW_UNREADABLE]: 'repeats',
  [ErrorCode.DELETES_UNUSUAL]: 'repeats',
  [ErrorCode.STORE_UNUSABLE]: 'by cause',
  [ErrorCode.OBJECT_MISSING]: 'repeats',
  [ErrorCode.OBJECT_CONFLICT]: 'repeats',
  [ErrorCode.OBJECT_CORRUPT]: 'ends',
  [ErrorCode.NOT_FOUND]: 'ends',
  [ErrorCode.REQUEST_UNFIT]: 'ends',
  [ErrorCode.MANIFEST_UNREADABLE]: 'ends',
  [ErrorCode.CHAIN_BROKEN]: 'ends',
  [ErrorCode.WAREHOUSE_FORBIDDEN]: 'ends',
  [ErrorCode.WAREHOUSE_UNFIT]: 'ends',
  [ErrorCode.WAREHOUSE_NOT_EMPTY]: 'ends',
  [ErrorCode.QUARANTINE_THRESHOLD]: 'repeats',
  [ErrorCode.ICEBERG_CHANGED]: 'ends',
  [ErrorCode.ICEBERG_FORMAT_NEWER]: 'ends',
  [ErrorCode.ICEBERG_FILE_MISSING]: 'ends',
  [ErrorCode.ICEBERG_BUSY]: 'repeats',
  [ErrorCode.EVENT_UNREADABLE]: 'ends',
  [ErrorCode.LETTERS_LEFT]: 'ends',
};

/** SQLSTATEs of a refused connection that another attempt with the same URL does not change. */
const REFUSED_STATES: readonly unknown[] = [
  SqlState.invalidPassword,
  SqlState.invalidAuthorizationSpecification,
  SqlState.invalidCatalogName,
  SqlState.insufficientPrivilege,
];
/** Codes of a file system for a path that is no folder, or that this process may not use. */
const PATH_FAULTS = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR'];
/** Codes of a file system without hard links. */
const LINK_FAULTS = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK'];
const FOLDER_FAULTS: readonly unknown[] = [...PATH_FAULTS, ...LINK_FAULTS];
/** HTTP statuses below 500 of requests that succeed later: timeout, conflict, too many requests. */
const PASSING_STATUSES: readonly unknown[] = [408, 409, 429];
/** S3's names for a clock that is wrong until the machine sets it. */
const CLOCK_FAULTS: readonly unknown[] = ['RequestTimeTooSkewed', 'RequestInTheFuture'];

/**
 * Whether an error ends a process that repeats runs. An error without a code is a fault of the program, whose state is
 * unknown after it.
 */
export function endsRepetition(error: unknown): boolean {
  if (!(error instanceof PipelineError)) return true;
  const verdict = VERDICTS[error.code];
  if (verdict !== 'by cause') return verdict === 'ends';
  return error.code === ErrorCode.CONNECTION_FAILED ? isRefused(error) : isWrongStore(error);
}

function isRefused({ context }: PipelineError): boolean {
  return REFUSED_STATES.includes(context.sqlstate);
}

// A store that cannot be reached answers with no status, and one that is overloaded with 500 or more.
function isWrongStore({ context: { status, name, code } }: PipelineError): boolean {
  if (typeof status !== 'number') return FOLDER_FAULTS.includes(code);
  return status < 500 && !PASSING_STATUSES.includes(status) && !CLOCK_FAULTS.includes(name);
}
