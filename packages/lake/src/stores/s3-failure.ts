import { awsErrorName, awsErrorStatus, describeAwsFailure, ErrorCode, PipelineError } from '@totesys/runtime';

/** What was to be done with the bucket. */
export type S3Action = 'put' | 'get' | 'list' | 'remove';

/** The right that each action needs; without s3:ListBucket, S3 answers 403 for an object that is missing, too. */
const RIGHTS: Record<S3Action, string> = {
  put: 's3:PutObject',
  get: 's3:GetObject, and s3:ListBucket, without which an absent object looks forbidden',
  list: 's3:ListBucket',
  remove: 's3:DeleteObject',
};

/** An error of S3, or on the way to it, as one that says what to do. */
export function s3Failure(error: unknown, uri: string, action: S3Action, key: string): PipelineError {
  const { name, status, isTimeout, said, cause } = describeAwsFailure(error, { service: 'S3', right: RIGHTS[action] });
  return new PipelineError(
    isTimeout ? ErrorCode.TIMED_OUT : ErrorCode.STORE_UNUSABLE,
    `Store ${uri}: cannot ${action} '${key}': ${said}`,
    { context: { store: uri, key, action, name, ...(status !== undefined && { status }) }, cause },
  );
}

/** The HTTP status of S3's answer, where there was one. */
export const statusOf = awsErrorStatus;

/** The name by which S3 or Node calls an error. */
export const nameOf = awsErrorName;
