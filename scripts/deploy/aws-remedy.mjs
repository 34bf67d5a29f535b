// What to do about an error of AWS, as packages/runtime/src/aws/aws-failure.ts says it; scripts run without the packages being built.
const REMEDIES = [
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

/** The service's own sentence, without the request that it may repeat. */
export function describe({ name, message = '' }) {
  const sentence = message.split(/[\r\n]| The Canonical String/)[0];
  return sentence && sentence !== name ? `${name}: ${sentence}` : name;
}

/** The remedy of an error that has one of its own, otherwise the given one. */
export function remedyFor({ name = '' }, otherwise) {
  return REMEDIES.find(([names]) => names.test(name))?.[1]() ?? otherwise;
}

function profile() {
  return process.env.AWS_PROFILE || 'default';
}
