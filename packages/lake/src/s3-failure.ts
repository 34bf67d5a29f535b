import { ErrorCode, PipelineError } from '@totesys/runtime';

/** What was to be done with the bucket. */
export type S3Action = 'put' | 'get' | 'list' | 'remove';

/** The right that each action needs. */
const RIGHTS: Record<S3Action, string> = {
  put: 's3:PutObject',
  get: 's3:GetObject',
  list: 's3:ListBucket',
  remove: 's3:DeleteObject',
};
const TIMEOUTS = new Set(['TimeoutError', 'RequestTimeout', 'ETIMEDOUT']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** An error of S3, or on the way to it, as one that says what to do. */
export function s3Failure(error: unknown, uri: string, action: S3Action, key: string): PipelineError {
  const name = nameOf(error);
  const status = statusOf(error);
  const isTimeout = TIMEOUTS.has(name);
  return new PipelineError(
    isTimeout ? ErrorCode.TIMED_OUT : ErrorCode.STORE_UNUSABLE,
    `Store ${uri}: cannot ${action} '${key}': ${faultOf(error, name, status, action)}`,
    { context: { store: uri, key, action, name, ...(status !== undefined && { status }) }, cause: error },
  );
}

/** The HTTP status of S3's answer, where there was one. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

/** The name by which S3 or Node calls an error; the SDK may hide Node's code in a message of its own. */
export function nameOf(error: unknown): string {
  const { name = '', code = '', message = '' } = (error ?? {}) as { name?: string; code?: string; message?: string };
  if (name !== '' && name !== 'Error' && name !== 'AggregateError') return name;
  return code || /\bE[A-Z]{4,}\b/.exec(message)?.[0] || name;
}

function faultOf(error: unknown, name: string, status: number | undefined, action: S3Action): string {
  if (name === 'NoSuchBucket') return 'the bucket does not exist. Create it, or correct the URI.';
  if (status === 301 || name === 'PermanentRedirect') return 'the bucket is in another region. Set AWS_REGION to it.';
  if (status === 403) {
    // Without s3:ListBucket, S3 answers so for an object that is not there, too.
    const absent = action === 'get' ? ', and s3:ListBucket, without which an absent object looks forbidden' : '';
    return `access is denied (${name}). Give the role ${RIGHTS[action]}${absent}.`;
  }
  if (name === 'CredentialsProviderError') return 'there are no AWS credentials. Give the process a role or a profile.';
  if (error instanceof Error && error.message.includes('Region is missing')) {
    return 'there is no AWS region. Set AWS_REGION.';
  }
  if (TIMEOUTS.has(name)) return `S3 did not answer in time (${name}). The next run tries again; check the network.`;
  if (UNREACHABLE.has(name)) return `S3 cannot be reached (${name}). Check network and endpoint.`;
  return `S3 answered ${name}${status === undefined ? '' : ` (${status})`}. The next run tries again; the cause says more.`;
}
