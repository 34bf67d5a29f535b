/**
 * Remedies by the names of AWS errors; a subset of the remedies of packages/runtime, for the clients of these scripts.
 */
const REMEDIES: readonly [names: RegExp, remedy: () => string][] = [
  [
    /CredentialsProviderError|TokenProviderError/,
    () => `Check profile ${profile()}: aws sso login --profile ${profile()}, or its credential_process, or AWS_PROFILE`,
  ],
  [
    /^ExpiredToken|^RequestExpired$/,
    () => 'The session has expired: sign in again (aws sso login), or set a new AWS_SESSION_TOKEN',
  ],
  [
    /^(InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException)$/,
    () => 'Correct AWS_ACCESS_KEY_ID or AWS_PROFILE',
  ],
  [
    /^(SignatureDoesNotMatch|InvalidSignatureException)$/,
    () => 'Correct AWS_SECRET_ACCESS_KEY, or set the clock of this machine',
  ],
  [/^(RequestTimeTooSkewed|RequestInTheFuture)$/, () => 'Set the clock of this machine'],
];

/** Returns the service's own sentence, without the request that it may repeat. */
export function describe(error: unknown): string {
  const { name, message = '' } = error as Error;
  const sentence = message.split(/[\r\n]| The Canonical String/)[0];
  return sentence && sentence !== name ? `${name}: ${sentence}` : name;
}

/** Returns the remedy for the error by its name, otherwise the given one. */
export function remedyFor(error: unknown, otherwise: string): string {
  const { name = '' } = error as Error;
  return REMEDIES.find(([names]) => names.test(name))?.[1]() ?? otherwise;
}

function profile(): string {
  return process.env.AWS_PROFILE || 'default';
}
