import { ErrorCode, PipelineError } from '../errors.ts';
import { POOL_SIZE_REMEDY } from '../postgres/describe-database-error.ts';
import type { SessionVerdict } from './ask-server.ts';
import type { WatchLimits } from './watch-limits.ts';

/** Error for a connection without traffic, with what the server reports about its session. */
export function stalled(
  subject: string,
  { stallMs, answerMs }: WatchLimits,
  pid: number | null,
  { kind }: SessionVerdict,
): PipelineError {
  const silence = `The connection to the ${subject} has carried no data for ${stallMs / 1000} s`;
  const advice =
    'What was committed stays; check the network, the proxies and the poolers on the way. The next run goes on.';
  const context = { pid, verdict: kind };
  if (kind === 'absent') {
    const message = `${silence}, and its server no longer has the session (process ${pid}). ${advice}`;
    return new PipelineError(ErrorCode.CONNECTION_FAILED, message, { context });
  }
  const found = {
    works: '',
    waits:
      `and the session there (process ${pid}) waits for its client: the network no longer passes data on. ` +
      `${advice}`,
    unserved: `and no session there executes its statement. ${POOL_SIZE_REMEDY} ${advice}`,
    silent: `and its server did not answer over another connection within ${answerMs / 1000} s. ${advice}`,
  }[kind];
  return new PipelineError(ErrorCode.TIMED_OUT, `${silence}, ${found}`, { context });
}

/** Error for a statement that exceeds its limit by the clock of this process. */
export function tooLong(subject: string, workMs: number): PipelineError {
  return new PipelineError(
    ErrorCode.TIMED_OUT,
    `A statement at the ${subject} reached its limit after ${Math.round(workMs / 1000)} s and was ended. Look in ` +
      'pg_stat_activity and pg_locks for what it waited for. The next run tries again.',
  );
}

/** Error for a wait for a connection that exceeds its limit. */
export function noConnection(subject: string, acquireMs: number): PipelineError {
  return new PipelineError(
    ErrorCode.TIMED_OUT,
    `No connection to the ${subject} was free within ${acquireMs / 1000} s. Check that its server and the network ` +
      'answer; the next run tries again.',
  );
}
