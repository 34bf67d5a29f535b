import { bucket, deadLetters, ec2, KEY, lambda, logStream, parameter, role, state } from './names.ts';
import type { Call } from './simulate.ts';

/** The stages. */
export type Stage = 'ingest' | 'transform' | 'load' | 'reconcile';

const CREATE = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };
const THROUGH_SSM = { 'kms:ViaService': 'ssm.eu-west-2.amazonaws.com' };
const PART = 'sales_order/batch_date=2026-11-28/batch=0000000001/part-0.parquet';
const MANIFEST = '_manifests/0000000001.json';
const PROOF = '_proofs/0000000001-20261129T010203000000.json';
/** Every kind of key that a stage reads or writes. */
const KEYS = [
  PART,
  MANIFEST,
  '_requests/0000000001.json',
  '_quarantine/sales_order/1.json',
  '_state/known-keys.parquet',
];

const get = (lake: string, key: string, environment = 'dev'): Call => ({
  action: 's3:GetObject',
  resource: bucket(environment, lake, key),
});
const put = (lake: string, key: string, environment = 'dev'): Call => ({
  action: 's3:PutObject',
  resource: bucket(environment, lake, key),
  context: CREATE,
});
const list = (lake: string, environment = 'dev'): Call => ({
  action: 's3:ListBucket',
  resource: bucket(environment, lake),
});
const read = (place: 'source' | 'warehouse', environment = 'dev'): Call => ({
  action: 'ssm:GetParameter',
  resource: parameter(environment, place),
});
const decrypt: Call = { action: 'kms:Decrypt', resource: KEY, context: THROUGH_SSM };
const makeInterface = (what: string): Call => ({ action: 'ec2:CreateNetworkInterface', resource: ec2(what) });

/** What Lambda itself does with a stage's role: its log, its traces, its network interfaces. */
function ofLambda(stage: Stage): Call[] {
  const log = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  const interfaces = ['network-interface/eni-1', 'subnet/subnet-1', 'security-group/sg-1'].map(makeInterface);
  return [
    ...log.map((action) => ({ action, resource: logStream('dev', stage) })),
    { action: 'xray:PutTraceSegments', resource: '*' },
    { action: 'xray:PutTelemetryRecords', resource: '*' },
    ...(stage === 'transform'
      ? [{ action: 'sqs:SendMessage', resource: deadLetters('dev') }]
      : [...interfaces, { action: 'ec2:DescribeNetworkInterfaces', resource: '*' }]),
  ];
}

/** Every call that a stage makes. */
export const NEEDED: Readonly<Record<Stage, readonly Call[]>> = {
  ingest: [
    list('ingestion'),
    ...KEYS.flatMap((key) => [get('ingestion', key), put('ingestion', key)]),
    read('source'),
    decrypt,
    ...ofLambda('ingest'),
  ],
  transform: [
    list('ingestion'),
    list('processed'),
    ...KEYS.flatMap((key) => [get('ingestion', key), get('processed', key), put('processed', key)]),
    ...ofLambda('transform'),
  ],
  load: [
    list('ingestion'),
    list('processed'),
    get('ingestion', MANIFEST),
    ...KEYS.map((key) => get('processed', key)),
    read('warehouse'),
    decrypt,
    ...ofLambda('load'),
  ],
  reconcile: [
    list('ingestion'),
    list('processed'),
    ...[...KEYS, PROOF].flatMap((key) => [get('ingestion', key), get('processed', key)]),
    put('processed', PROOF),
    read('source'),
    read('warehouse'),
    decrypt,
    ...ofLambda('reconcile'),
  ],
};

/** What no stage may do, in its own environment or elsewhere. */
const FORBIDDEN_TO_ALL: readonly Call[] = [
  ...['ingestion', 'processed'].flatMap((lake): Call[] => [
    { ...put(lake, PART), context: { 's3:ObjectCreationOperation': 'true' } }, // it would overwrite
    { ...list(lake), context: { 'aws:SecureTransport': 'false' } },
    { action: 's3:DeleteObject', resource: bucket('dev', lake, PART) },
    { action: 's3:DeleteObjectVersion', resource: bucket('dev', lake, PART) },
    { action: 's3:PutObjectAcl', resource: bucket('dev', lake, PART) },
    { action: 's3:PutBucketPolicy', resource: bucket('dev', lake) },
    { action: 's3:DeleteBucketPolicy', resource: bucket('dev', lake) },
    { action: 's3:PutLifecycleConfiguration', resource: bucket('dev', lake) },
    { action: 's3:PutBucketVersioning', resource: bucket('dev', lake) },
    { action: 's3:DeleteBucket', resource: bucket('dev', lake) },
    ...[get, put].map((call) => call(lake, PART, 'prod')),
    list(lake, 'prod'),
  ]),
  read('source', 'prod'),
  read('warehouse', 'prod'),
  { action: 'ssm:PutParameter', resource: parameter('dev', 'source') },
  { action: 'ssm:GetParametersByPath', resource: parameter('dev', 'source').replace('/source-url', '') },
  { ...decrypt, context: { 'kms:ViaService': 's3.eu-west-2.amazonaws.com' } },
  { action: 'kms:Encrypt', resource: KEY, context: THROUGH_SSM },
  ...['dev/terraform.tfstate', 'prod/terraform.tfstate'].map((key) => ({
    action: 's3:GetObject',
    resource: state(key),
  })),
  { action: 'lambda:InvokeFunction', resource: lambda('dev', 'load') },
  { action: 'lambda:UpdateFunctionCode', resource: lambda('dev', 'load') },
  { action: 'iam:PassRole', resource: role('totesys/dev/totesys-dev-load') },
  { action: 'iam:PutRolePolicy', resource: role('totesys/dev/totesys-dev-load') },
  { action: 'sts:AssumeRole', resource: role('totesys-ci/totesys-apply-dev') },
  { action: 'sqs:ReceiveMessage', resource: deadLetters('dev') },
  { action: 'logs:DeleteLogGroup', resource: logStream('dev', 'load').replace(/:log-stream.*/, '') },
];

/** What a stage may not do although another may. */
const FORBIDDEN_TO_ONE: Readonly<Record<Stage, readonly Call[]>> = {
  ingest: [
    list('processed'),
    ...KEYS.flatMap((key) => [get('processed', key), put('processed', key)]),
    read('warehouse'),
  ],
  transform: [...KEYS.map((key) => put('ingestion', key)), read('source'), read('warehouse'), decrypt],
  load: [
    ...KEYS.filter((key) => key !== MANIFEST).map((key) => get('ingestion', key)),
    ...KEYS.flatMap((key) => [put('ingestion', key), put('processed', key)]),
    read('source'),
    { action: 'sqs:SendMessage', resource: deadLetters('dev') },
  ],
  reconcile: [
    ...[...KEYS, PROOF].map((key) => put('ingestion', key)),
    ...KEYS.map((key) => put('processed', key)),
    { action: 'sqs:SendMessage', resource: deadLetters('dev') },
  ],
};

/** Every call that must be refused to a stage. */
export function forbiddenTo(stage: Stage): Call[] {
  const others = (['ingest', 'transform', 'load', 'reconcile'] as const).filter((other) => other !== stage);
  return [
    ...FORBIDDEN_TO_ALL,
    ...FORBIDDEN_TO_ONE[stage],
    ...others.map((other) => ({ action: 'logs:PutLogEvents', resource: logStream('dev', other) })),
    // The role has the right for Lambda's own doing; the code that runs with it has not.
    ...['network-interface/eni-1', 'subnet/subnet-1'].map((what) => ({
      ...makeInterface(what),
      context: { 'lambda:SourceFunctionArn': lambda('dev', stage) },
    })),
  ];
}
