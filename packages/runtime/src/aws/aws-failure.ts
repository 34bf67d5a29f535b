import { explainProfile } from './aws-profile.ts';

/** A description of an error of an AWS service or of the connection to it. */
export interface AwsFailure {
  /** The service's or Node's name of the error. */
  readonly name: string;
  readonly status: number | undefined;
  readonly isTimeout: boolean;
  /** What happened, with the service's own sentence, and the remedy: complete sentences. */
  readonly said: string;
  /** The error's name, message and stack only: other fields have parts of a signed request. */
  readonly cause: Error;
}

/** The request that failed. */
export interface AwsRequest {
  /** The name in messages: `S3`, `SSM`. */
  readonly service: string;
  /** The rights that the request needs, in words. */
  readonly right: string;
}

const TIMEOUTS = new Set(['TimeoutError', 'AbortError', 'RequestTimeout', 'RequestTimeoutException', 'ETIMEDOUT']);
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const TLS_FAULTS = /^(CERT_|ERR_TLS|ERR_SSL|EPROTO$|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/;
/** The longest sentence of a service that a message repeats: characters. */
const SENTENCE_CHARACTERS = 300;

/** Remedies by the names of errors; each name occurs once. */
const REMEDIES: readonly [names: RegExp, remedy: string][] = [
  [
    /^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/,
    'The session has expired: sign in again (aws sso login), or set a new AWS_SESSION_TOKEN',
  ],
  [
    /^(InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|InvalidToken)$/,
    'AWS does not know the access key: correct AWS_ACCESS_KEY_ID or AWS_PROFILE, and set AWS_SESSION_TOKEN if the ' +
      'key is temporary',
  ],
  [/^(RequestTimeTooSkewed|RequestInTheFuture)$/, 'The clock of this machine is wrong: set it, for example by NTP'],
  [
    /^(SignatureDoesNotMatch|InvalidSignatureException)$/,
    'The secret key does not belong to the access key: correct AWS_SECRET_ACCESS_KEY; if it is right, check the ' +
      'clock and any proxy that changes requests',
  ],
  [
    /^(NotImplemented|MethodNotAllowed)$/,
    'The endpoint lacks an operation that is needed: use S3, or a store that has conditional writes (If-None-Match)',
  ],
  [
    /^KMS|^(DisabledException|InvalidKeyId)$/,
    'Enable the KMS key, and allow the role kms:Decrypt and kms:GenerateDataKey on it',
  ],
  [
    /^(SlowDown|Throttling|ThrottlingException|TooManyRequestsException|ServiceUnavailable)$/,
    'The next run tries again',
  ],
  [
    /^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|ResourceNotFoundException)$/,
    'Correct its name, the region or the account',
  ],
  [/^(InvalidBucketName|NoSuchUpload)$/, 'Correct the name of the bucket in the URI'],
];

/** Describes an error of the AWS SDK: the service's own sentence, without secrets, and the remedy that fits. */
export function describeAwsFailure(error: unknown, request: AwsRequest, environment = process.env): AwsFailure {
  const name = awsErrorName(error);
  const status = awsErrorStatus(error);
  const sentence = sentenceOf(error, name);
  const isTimeout = TIMEOUTS.has(name);
  const said = sayFailure({ error, name, status, sentence, isTimeout }, request, environment);
  return { name, status, isTimeout, said, cause: withoutFields(error, name, sentence) };
}

/** Returns the service's or Node's name of an error; the SDK may have Node's code only in its message. */
export function awsErrorName(error: unknown): string {
  const { name = '', code = '', message = '' } = (error ?? {}) as { name?: string; code?: string; message?: string };
  if (name !== '' && name !== 'Error' && name !== 'AggregateError' && name !== 'TypeError') return name;
  return code || /\bE[A-Z]{4,}\b/.exec(message)?.[0] || name;
}

/** Returns the HTTP status of the service's answer; undefined without an answer. */
export function awsErrorStatus(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

interface Fault {
  readonly error: unknown;
  readonly name: string;
  readonly status: number | undefined;
  readonly sentence: string;
  readonly isTimeout: boolean;
}

function sayFailure(fault: Fault, { service, right }: AwsRequest, environment: NodeJS.ProcessEnv): string {
  const { error, name, status, sentence } = fault;
  const own = sentence === '' ? '' : `: ${sentence}`;
  const answered = `${service} answered ${name}${status === undefined ? '' : ` (${status})`}${own}`;
  const isSkewed = /signature (has )?expired|not yet current/i.test(sentence);
  const remedy = REMEDIES.find(([names]) => names.test(isSkewed ? 'RequestTimeTooSkewed' : name))?.[1];
  if (/CredentialsProviderError|TokenProviderError/.test(name)) {
    return `there are no AWS credentials (${name})${own}. ${credentialsRemedy(sentence, environment)}.`;
  }
  if (/Region is missing/.test(sentence)) return 'there is no AWS region. Set AWS_REGION.';
  const region = regionOf(error, name, status);
  if (region !== undefined) {
    const to = region === '' ? 'its region' : region;
    return `the bucket is in another region (${answered}). Set AWS_REGION to ${to}.`;
  }
  if (name === 'NoSuchBucket') return `the bucket does not exist (${answered}). Create it, or correct the URI.`;
  if (remedy !== undefined) return `${answered}. ${remedy}.`;
  if (/\bkms:/i.test(sentence)) {
    return `access is denied (${name})${own}. Allow the role kms:Decrypt and kms:GenerateDataKey on the key.`;
  }
  if (status === 403 || /^AccessDenied/.test(name)) return `access is denied (${name})${own}. Give the role ${right}.`;
  if (fault.isTimeout)
    return `${service} did not answer in time (${name}). The next run tries again; check the network.`;
  if (TLS_FAULTS.test(name) || TLS_FAULTS.test(codeOf(error))) {
    return (
      `the TLS connection to ${service} failed (${name})${own}. Set NODE_EXTRA_CA_CERTS to the file with the root ` +
      'certificate of the endpoint or proxy.'
    );
  }
  if (UNREACHABLE.test(name))
    return `${service} cannot be reached (${name})${own}. Check network, proxy, region and endpoint.`;
  return `${answered}. The next run tries again; the cause says more.`;
}

function credentialsRemedy(sentence: string, environment: NodeJS.ProcessEnv): string {
  const profile = environment.AWS_PROFILE || 'default';
  if (/sso|sign in|log ?in/i.test(sentence)) return `Run: aws sso login --profile ${profile}`;
  return (
    explainProfile(profile, environment) ??
    'Give the process a role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
  );
}

// Returns the region that a redirect names; empty if it names none, undefined if the answer is no redirect.
function regionOf(error: unknown, name: string, status: number | undefined): string | undefined {
  const {
    $response,
    Region,
    message = '',
  } = (error ?? {}) as {
    $response?: { headers?: Record<string, string> };
    Region?: string;
    message?: string;
  };
  const isRedirect = status === 301 || status === 307 || /Redirect$/.test(name);
  const isMalformed = name === 'AuthorizationHeaderMalformed' || name === 'IllegalLocationConstraintException';
  if (!isRedirect && !isMalformed) return undefined;
  const named = $response?.headers?.['x-amz-bucket-region'] ?? Region ?? /expecting '([a-z0-9-]+)'/.exec(message)?.[1];
  if (named === undefined && !isRedirect) return undefined;
  return /^[a-z0-9-]+$/.test(named ?? '') ? named : '';
}

// The first line only: for a wrong signature, later lines repeat the signed request.
function sentenceOf(error: unknown, name: string): string {
  const { message = '' } = (error ?? {}) as { message?: string };
  const line = (message.split(/[\r\n]| The Canonical String/)[0] ?? '').trim().replace(/\.$/, '');
  if (line === '' || line === name || line === 'UnknownError') return '';
  return line.replace(/\b(A[KS]IA)[A-Z0-9]{8,}\b/g, '$1…').slice(0, SENTENCE_CHARACTERS);
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function withoutFields(error: unknown, name: string, sentence: string): Error {
  const cause = new Error(sentence || name);
  cause.name = name || 'Error';
  const { stack = '' } = (error ?? {}) as { stack?: string };
  const frames = stack.indexOf('\n    at ');
  cause.stack = `${cause.name}: ${cause.message}${frames < 0 ? '' : stack.slice(frames)}`;
  return cause;
}
