import { ErrorCode, PipelineError } from '@totesys/runtime';

/** The error for an object that is needed and not there. */
export function objectMissing(uri: string, key: string): PipelineError {
  return new PipelineError(
    ErrorCode.OBJECT_MISSING,
    `Object '${key}' is not in ${uri}, and it is needed. Restore it, or check that this is the right place.`,
    { context: { key, store: uri } },
  );
}
