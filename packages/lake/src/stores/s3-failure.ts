import { awsErrorName, awsErrorStatus, describeAwsFailure, ErrorCode, PipelineError } from '@totesys/runtime';

/** An action on a bucket. */
export type S3Action = 'put' | 'get' | 'list' | 'remove';

/** The right that each action needs; without s3:ListBucket, S3 answers 403 for a missing object. */
const RIGHTS: Record<S3Action, string> = {
  put: 's3:PutObject',
  get: 's3:GetObject, and s3:ListBucket, without which an absent object looks forbidden',
  list: 's3:ListBucket',
  remove: 's3:DeleteObject',
};

/** Error for a failure of S3 or of the connection to it, with a remedy. */
export function s3Failure(error: unknown, uri: string, action: S3Action, key: string): PipelineError {
  const { name, status, isTimeout, said, cause } = describeAwsFailure(error, { service: 'S3', right: RIGHTS[action] });
  return new PipelineError(
    isTimeout ? ErrorCode.TIMED_OUT : ErrorCode.STORE_UNUSABLE,
    `Store ${uri}: cannot ${action} '${key}': ${said}`,
    { context: { store: uri, key, action, name, ...(status !== undefined && { status }) }, cause },
  );
}

/** Returns the HTTP status of S3's answer, if there was one. */
export const statusOf = awsErrorStatus;

/** Returns the name of an error of S3 or Node. */
export const nameOf = awsErrorName;
