import { ErrorCode, PipelineError } from '../errors.ts';
import { describeDatabaseError, isDatabaseError } from './describe-database-error.ts';

/** Errors that keep a plan from looking; every other one is what the run would report. */
const CANNOT_LOOK: readonly ErrorCode[] = [
  ErrorCode.CONNECTION_FAILED,
  ErrorCode.SERVER_TOO_OLD,
  ErrorCode.STORE_UNUSABLE,
  ErrorCode.TIMED_OUT,
  ErrorCode.QUERY_FAILED,
];

/**
 * Returns the result of a check for a plan. If the check throws what a run would report, the error is added to `stops`
 * and the result is undefined. Throws an error that keeps the plan from looking.
 */
export async function orStop<T>(
  database: 'source' | 'warehouse',
  stops: PipelineError[],
  check: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    const fault = isDatabaseError(error) ? describeDatabaseError(error, `The ${database}`, database) : error;
    if (!(fault instanceof PipelineError) || CANNOT_LOOK.includes(fault.code)) throw fault;
    stops.push(fault);
    return undefined;
  }
}
