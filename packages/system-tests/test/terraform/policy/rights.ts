import { resourcesOf, type State } from './state.ts';

/** Exactly what each stage's role may do: action and what it touches, where names stand for the state's own. */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  ingest: [
    's3:ListBucket ingestion',
    's3:GetObject ingestion/*',
    's3:PutObject ingestion/*',
    'ssm:GetParameter source-url',
    'logs:CreateLogStream log',
    'logs:PutLogEvents log',
  ],
  transform: [
    's3:ListBucket ingestion',
    's3:GetObject ingestion/*',
    's3:ListBucket processed',
    's3:GetObject processed/*',
    's3:PutObject processed/*',
    'sqs:SendMessage dead-letters',
    'logs:CreateLogStream log',
    'logs:PutLogEvents log',
  ],
  load: [
    's3:ListBucket ingestion',
    's3:GetObject ingestion/_manifests/*',
    's3:ListBucket processed',
    's3:GetObject processed/*',
    'ssm:GetParameter warehouse-url',
    'logs:CreateLogStream log',
    'logs:PutLogEvents log',
  ],
  reconcile: [
    's3:ListBucket ingestion',
    's3:GetObject ingestion/*',
    's3:ListBucket processed',
    's3:GetObject processed/*',
    's3:PutObject processed/_proofs/*',
    'ssm:GetParameter source-url',
    'ssm:GetParameter warehouse-url',
    'logs:CreateLogStream log',
    'logs:PutLogEvents log',
  ],
};
/** What Lambda does in a VPC with the function's role; its code is denied the same. */
const IN_VPC = [
  'ec2:AssignPrivateIpAddresses interfaces',
  'ec2:CreateNetworkInterface interfaces',
  'ec2:DeleteNetworkInterface interfaces',
  'ec2:UnassignPrivateIpAddresses interfaces',
];
const LOOKING = ['ec2:DescribeNetworkInterfaces *', 'ec2:DescribeSubnets *'];
const TRACED = ['xray:PutTraceSegments *', 'xray:PutTelemetryRecords *'];

/** The stages. */
export const STAGES = Object.keys(RIGHTS);

/** What AWS takes no resource for; nothing else may be allowed for everything. */
export const WITHOUT_RESOURCE = [...LOOKING, ...TRACED].map((right) => right.split(' ')[0]!);

/** All that any stage may ever do, in any setting: with a key of the account's own, too. */
export const EVERY_ACTION = new Set(
  [...Object.values(RIGHTS).flat(), ...IN_VPC, ...LOOKING, ...TRACED, 'kms:Decrypt key'].map(
    (right) => right.split(' ')[0]!,
  ),
);

/** Exactly what the stage's role has to allow, as the function is set up. */
export function expectedRights(state: State, stage: string): string[] {
  const values = resourcesOf(state, 'aws_lambda_function').find((each) =>
    each.values.function_name.endsWith(`-${stage}`),
  )?.values;
  const isInVpc = (values?.vpc_config?.[0]?.subnet_ids ?? []).length > 0;
  const isTraced = values?.tracing_config?.[0]?.mode === 'Active';
  return [...RIGHTS[stage]!, ...(isInVpc ? [...IN_VPC, ...LOOKING] : []), ...(isTraced ? TRACED : [])];
}

/** What an ARN names, in the words of the rights. */
export function nameOf(state: State, stage: string, arn: string): string {
  const outputs = state.values.outputs as Record<string, { value: Record<string, string> }>;
  for (const [key, uri] of Object.entries(outputs.buckets!.value)) {
    const bucket = `arn:aws:s3:::${uri.slice('s3://'.length)}`;
    if (arn === bucket || arn.startsWith(`${bucket}/`)) return key + arn.slice(bucket.length);
  }
  if (arn.endsWith(`:log-group:${outputs.log_groups!.value[stage]}:log-stream:*`)) return 'log';
  for (const name of Object.values(outputs.parameters!.value))
    if (arn.endsWith(`:parameter${name}`)) return name.split('/').at(-1)!;
  if (/^arn:aws:ec2:[a-z0-9-]+:\d{12}:\*\/\*$/.test(arn)) return 'interfaces';
  return arn.endsWith(`-${stage}-dead-letters`) ? 'dead-letters' : arn;
}
