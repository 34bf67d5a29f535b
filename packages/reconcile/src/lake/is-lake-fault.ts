import { ErrorCode, PipelineError } from '@totesys/runtime';

/** Errors that are faults of a lake's objects; any other error is one of the store. */
const LAKE_FAULTS: readonly ErrorCode[] = [
  ErrorCode.OBJECT_MISSING,
  ErrorCode.OBJECT_CORRUPT,
  ErrorCode.MANIFEST_UNREADABLE,
];

/** Returns whether an error says that an object of a lake is missing or damaged. */
export function isLakeFault(error: unknown): error is PipelineError {
  return error instanceof PipelineError && LAKE_FAULTS.includes(error.code);
}
