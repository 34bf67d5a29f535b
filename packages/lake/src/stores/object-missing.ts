import { ErrorCode, PipelineError } from '@totesys/runtime';
import { FROM_BACKUP } from './from-backup.ts';

/** Error for a missing object that is needed. */
export function objectMissing(uri: string, key: string): PipelineError {
  return new PipelineError(
    ErrorCode.OBJECT_MISSING,
    `Object '${key}' is missing in ${uri}, and it is needed. Restore it ${FROM_BACKUP}, ` +
      'or check that this is the right place.',
    { context: { key, store: uri } },
  );
}
