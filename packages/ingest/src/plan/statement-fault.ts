import { describeDatabaseError, ErrorCode, isDatabaseError, PipelineError } from '@totesys/runtime';

/** Returns a failed statement of the plan as a PipelineError; throws an error that is no fault of a statement. */
export function faultOf(error: unknown, subject: string): PipelineError {
  if (error instanceof PipelineError || isDatabaseError(error)) return describeDatabaseError(error, subject, 'source');
  throw error;
}

/** Whether a statement reached its limit, or waited for a lock for too long. */
export function isBeyondLimit({ code }: PipelineError): boolean {
  return code === ErrorCode.TIMED_OUT;
}
