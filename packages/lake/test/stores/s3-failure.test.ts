import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { resolveSecret } from '@totesys/runtime';
import { S3Store } from '../../src/index.ts';
import { s3Opener } from '../../src/stores/open-s3.ts';

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly said?: string;
  readonly headers?: Record<string, string>;
  /** Further elements of S3's answer. */
  readonly more?: string;
}

const SIGNED = '<StringToSign>AWS4-HMAC-SHA256 hunter2</StringToSign><SignatureProvided>hunter2</SignatureProvided>';
const before = { ...process.env };
let answer: Answer;
let server: Server;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aws-'));
  await writeFile(join(folder, 'config'), CONFIG);
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, code, said = '', headers = {}, more = '' } = answer;
      response.writeHead(status, { 'content-type': 'application/xml', ...headers });
      if (request.headers['x-amz-target']) response.end(JSON.stringify({ __type: code, message: said }));
      else response.end(code ? `<Error><Code>${code}</Code><Message>${said}</Message>${more}</Error>` : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

beforeEach(() => {
  process.env = {
    ...before,
    HOME: folder,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-west-2',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'hunter2',
  };
});

afterAll(async () => {
  process.env = before;
  await rm(folder, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

/** As S3 answers: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const ANSWERS: [what: string, answer: Answer, message: RegExp][] = [
  [
    'another region by its header',
    {
      status: 301,
      code: 'PermanentRedirect',
      said: 'Use the specified endpoint.',
      headers: { 'x-amz-bucket-region': 'eu-central-1' },
    },
    /in another region .*Use the specified endpoint.*Set AWS_REGION to eu-central-1\./,
  ],
  [
    'another region by its sentence',
    {
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      said: "The authorization header is malformed; the region 'eu-west-2' is wrong; expecting 'us-east-2'",
    },
    /expecting 'us-east-2'.*Set AWS_REGION to us-east-2\./,
  ],
  [
    'an expired token',
    { status: 400, code: 'ExpiredToken', said: 'The provided token has expired.' },
    /ExpiredToken \(400\): The provided token has expired\. .*sign in again \(aws sso login\), or set a new AWS_SESSION_TOKEN/,
  ],
  [
    'an unknown access key',
    {
      status: 403,
      code: 'InvalidAccessKeyId',
      said: 'The AWS Access Key Id you provided does not exist in our records.',
      more: '<AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId>',
    },
    /does not exist in our records\. AWS does not know the access key: correct AWS_ACCESS_KEY_ID or AWS_PROFILE/,
  ],
  [
    'a wrong signature',
    {
      status: 403,
      code: 'SignatureDoesNotMatch',
      said: 'The request signature we calculated does not match.',
      more: SIGNED,
    },
    /does not match\. The secret key does not belong to the access key: correct AWS_SECRET_ACCESS_KEY/,
  ],
  [
    'a clock that is wrong',
    {
      status: 403,
      code: 'RequestTimeTooSkewed',
      said: 'The difference between the request time and the current time is too large.',
    },
    /is too large\. The clock of this machine is wrong: set it/,
  ],
  [
    'an operation that a store lacks',
    {
      status: 501,
      code: 'NotImplemented',
      said: 'A header you provided implies functionality that is not implemented.',
    },
    /not implemented\. The endpoint lacks an operation that is needed: .*conditional writes/,
  ],
  [
    'a right that is missing',
    { status: 403, code: 'AccessDenied', said: 'User: x is not authorized to perform: s3:GetObject' },
    /access is denied \(AccessDenied\): User: x is not authorized to perform: s3:GetObject\. Give the role s3:GetObject/,
  ],
  [
    'a right on the key that is missing',
    { status: 403, code: 'AccessDenied', said: 'User: x is not authorized to perform: kms:Decrypt on this resource' },
    /Allow the role kms:Decrypt and kms:GenerateDataKey on the key\./,
  ],
  [
    'a key that is disabled',
    { status: 400, code: 'KMS.DisabledException', said: 'arn:aws:kms:x is disabled.' },
    /is disabled\. Enable the KMS key/,
  ],
  [
    'a missing bucket',
    { status: 404, code: 'NoSuchBucket', said: 'The specified bucket does not exist' },
    /Create it, or correct the URI/,
  ],
  [
    'too many requests',
    { status: 503, code: 'SlowDown', said: 'Please reduce your request rate.' },
    /Please reduce your request rate\. The next run tries again\./,
  ],
];

test.each(ANSWERS)('reports for %s the answer of S3 and its remedy', async (_, given, message) => {
  answer = given;
  const store = new S3Store('lake', '', s3Opener(new S3Client({ maxAttempts: 1 })));
  const error = await store.get('a').catch((fault) => fault);
  expect(error).toMatchObject({ code: 'STORE_UNUSABLE', message: expect.stringMatching(message) });
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/hunter2|AKIAIOSFODNN7EXAMPLE/);
});

test.each<[string, Answer, RegExp]>([
  [
    'an expired token',
    { status: 400, code: 'ExpiredTokenException', said: 'The security token included in the request is expired' },
    /token included in the request is expired\. .*sign in again/,
  ],
  [
    'an unknown key',
    {
      status: 400,
      code: 'UnrecognizedClientException',
      said: 'The security token included in the request is invalid.',
    },
    /AWS does not know the access key/,
  ],
  [
    'a wrong signature',
    {
      status: 400,
      code: 'InvalidSignatureException',
      said: 'The request signature we calculated does not match.\n\nThe Canonical String should have been hunter2',
    },
    /The secret key does not belong/,
  ],
  [
    'a clock that is wrong',
    {
      status: 400,
      code: 'InvalidSignatureException',
      said: 'Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z',
    },
    /The clock of this machine is wrong/,
  ],
])('reports for %s the answer of SSM and its remedy', async (_, given, message) => {
  answer = given;
  const error = await resolveSecret({ variable: 'SOURCE_URL', parameter: '/source' }).catch((fault) => fault);
  expect(error).toMatchObject({ code: 'CONNECTION_FAILED', message: expect.stringMatching(message) });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
});

const CONFIG = `
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = reader
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-2
[profile legacy]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-2
sso_account_id = 123456789012
sso_role_name = reader
[profile failing]
credential_process = /bin/sh -c "echo hunter2 >&2; exit 3"
[profile chained]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = absent
[profile empty]
region = eu-west-2
`;

test.each([
  ['an expired SSO session', 'sso', /SSO session .*Run: aws sso login --profile sso\./],
  ['an expired SSO session of the old form', 'legacy', /SSO session .*Run: aws sso login --profile legacy\./],
  ['a missing profile', 'nobody', /Profile 'nobody' is in neither .*config nor .*credentials: correct AWS_PROFILE/],
  [
    'a credential_process that fails',
    'failing',
    /The credential_process of profile 'failing' returns no credentials: run its command by hand/,
  ],
  [
    'a source_profile that is missing',
    'chained',
    /Profile 'chained' names the source_profile 'absent', which is in neither/,
  ],
  [
    'a profile without credentials',
    'empty',
    /Profile 'empty' has no credentials: run aws sts get-caller-identity --profile empty/,
  ],
  ['no profile', undefined, /Give the process a role, AWS_PROFILE, or AWS_ACCESS_KEY_ID/],
])('reports for %s the remedy', async (_, profile, message) => {
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, AWS_PROFILE: _profile, ...others } = process.env;
  process.env = { ...others, ...(profile !== undefined && { AWS_PROFILE: profile }) };
  const error = await new S3Store('lake').get('a').catch((fault) => fault);
  expect(error).toMatchObject({ code: 'STORE_UNUSABLE', message: expect.stringMatching(message) });
  expect(error.message).toMatch(/there are no AWS credentials \(CredentialsProviderError\): /);
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
});
