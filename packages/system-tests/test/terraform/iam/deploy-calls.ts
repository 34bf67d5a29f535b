import { ACCOUNT, bucket, deadLetters, ec2, KEY, lambda, parameter, role, state } from './names.ts';
import type { Call } from './simulate.ts';

const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/totesys/dev/boundary`;
const STATES = state('').slice(0, -1);
const STAGE_ROLE = role('totesys/dev/totesys-dev-load');
const OURS = { 'aws:ResourceTag/Project': 'totesys', 'aws:ResourceTag/Environment': 'dev' };
const call = (action: string, resource: string, context?: Call['context']): Call => ({
  action,
  resource,
  ...(context && { context }),
});

/** What both kinds of roles see, besides the state: the provider reads each resource back. */
const SEEN: readonly Call[] = [
  call('s3:ListBucket', STATES),
  call('ssm:DescribeParameters', '*'),
  ...['s3:GetBucketPolicy', 's3:GetLifecycleConfiguration', 's3:ListTagsForResource'].map((action) =>
    call(action, bucket('dev', 'ingestion')),
  ),
  call('lambda:GetFunction', lambda('dev', 'load')),
  call('iam:GetRolePolicy', STAGE_ROLE),
  call('ec2:DescribeVpcs', '*'),
  call('ec2:DescribeVpcAttribute', ec2('vpc/vpc-1')),
  call('sqs:GetQueueAttributes', deadLetters('dev')),
  call('s3:GetObject', state('dev/terraform.tfstate')),
];

/** What plans need. */
export const PLAN_NEEDS: readonly Call[] = [...SEEN, call('s3:GetObject', state('prod/terraform.tfstate'))];

/** What nobody may do with the role that pull requests take. */
export const PLAN_MAY_NOT: readonly Call[] = [
  call('s3:PutObject', state('dev/terraform.tfstate')),
  call('s3:PutObject', state('dev/terraform.tfstate.tflock')),
  call('s3:DeleteObject', state('dev/terraform.tfstate')),
  call('s3:GetObject', bucket('dev', 'ingestion', '_manifests/0000000001.json')),
  call('s3:GetObjectVersion', bucket('dev', 'ingestion', '_manifests/0000000001.json')),
  call('s3:PutObject', bucket('dev', 'ingestion', 'any')),
  call('s3:PutLifecycleConfiguration', bucket('dev', 'ingestion')),
  call('ssm:GetParameter', parameter('dev', 'source')),
  call('ssm:GetParametersByPath', parameter('dev', 'source')),
  call('kms:Decrypt', KEY, { 'kms:ViaService': 'ssm.eu-west-2.amazonaws.com' }),
  call('sqs:ReceiveMessage', deadLetters('dev')),
  call('lambda:InvokeFunction', lambda('dev', 'load')),
  call('lambda:UpdateFunctionCode', lambda('dev', 'load')),
  call('iam:CreateRole', STAGE_ROLE, { 'iam:PermissionsBoundary': BOUNDARY }),
  call('iam:PassRole', STAGE_ROLE, { 'iam:PassedToService': 'lambda.amazonaws.com' }),
];

/** What a deployment of dev needs, as far as its calls differ in what AWS weighs. */
export const APPLY_NEEDS: readonly Call[] = [
  ...SEEN,
  call('s3:PutObject', state('dev/terraform.tfstate')),
  call('s3:PutObject', state('dev/terraform.tfstate.tflock')),
  call('s3:DeleteObject', state('dev/terraform.tfstate.tflock')),
  call('s3:CreateBucket', bucket('dev', 'ingestion')),
  call('s3:PutBucketPolicy', bucket('dev', 'ingestion')),
  call('lambda:CreateFunction', lambda('dev', 'load')),
  call('lambda:InvokeFunction', lambda('dev', 'load')),
  call('iam:CreateRole', STAGE_ROLE, { 'iam:PermissionsBoundary': BOUNDARY }),
  call('iam:PutRolePolicy', STAGE_ROLE, { 'iam:PermissionsBoundary': BOUNDARY }),
  call('iam:PassRole', STAGE_ROLE, { 'iam:PassedToService': 'lambda.amazonaws.com' }),
  call('ec2:CreateVpcEndpoint', ec2('vpc/vpc-1')),
  call('ec2:CreateVpcEndpoint', ec2('vpc-endpoint/*')),
  call('ec2:ModifyVpcEndpoint', ec2('vpc-endpoint/vpce-1'), OURS),
  ...['subnet/subnet-1', 'route-table/rtb-1', 'security-group/sg-1'].map((place) =>
    call('ec2:ModifyVpcEndpoint', ec2(place)),
  ),
  call('ec2:DeleteVpcEndpoints', ec2('vpc-endpoint/vpce-1'), OURS),
  call('ec2:RevokeSecurityGroupEgress', ec2('security-group/sg-1'), OURS),
  call('ec2:AuthorizeSecurityGroupIngress', ec2('security-group/sg-1'), OURS),
  call('ec2:AuthorizeSecurityGroupIngress', ec2('security-group-rule/sgr-1')),
];

/** What nobody may do with the role that deploys dev. */
export const APPLY_MAY_NOT: readonly Call[] = [
  call('s3:GetObject', state('prod/terraform.tfstate')),
  call('s3:PutObject', state('prod/terraform.tfstate')),
  call('s3:DeleteObject', state('dev/terraform.tfstate')),
  ...['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'].flatMap((action) => [
    call(action, bucket('dev', 'ingestion', 'any')),
    call(action, bucket('prod', 'ingestion', 'any')),
  ]),
  call('s3:PutBucketPolicy', bucket('prod', 'ingestion')),
  call('s3:DeleteBucket', bucket('prod', 'ingestion')),
  call('lambda:UpdateFunctionCode', lambda('prod', 'load')),
  call('iam:CreateRole', STAGE_ROLE),
  call('iam:CreateRole', STAGE_ROLE, { 'iam:PermissionsBoundary': BOUNDARY.replace('/dev/', '/prod/') }),
  call('iam:CreateRole', role('totesys-ci/another'), { 'iam:PermissionsBoundary': BOUNDARY }),
  call('iam:PutRolePolicy', role('totesys-ci/totesys-apply-dev'), { 'iam:PermissionsBoundary': BOUNDARY }),
  call('iam:DeleteRolePermissionsBoundary', STAGE_ROLE),
  call('iam:AttachRolePolicy', STAGE_ROLE, { 'iam:PermissionsBoundary': BOUNDARY }),
  call('iam:CreatePolicyVersion', BOUNDARY),
  call('iam:PassRole', STAGE_ROLE, { 'iam:PassedToService': 'ec2.amazonaws.com' }),
  call('iam:PassRole', role('totesys/prod/totesys-prod-load'), { 'iam:PassedToService': 'lambda.amazonaws.com' }),
  call('sts:AssumeRole', STAGE_ROLE),
  ...['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParameterHistory', 'ssm:PutParameter'].map((action) =>
    call(action, parameter('dev', 'source')),
  ),
  call('sqs:ReceiveMessage', deadLetters('dev')),
  call('ec2:ModifyVpcEndpoint', ec2('vpc-endpoint/vpce-2')),
  call('ec2:ModifyVpcEndpoint', ec2('vpc-endpoint/vpce-2'), { ...OURS, 'aws:ResourceTag/Environment': 'prod' }),
  call('ec2:DeleteSecurityGroup', ec2('security-group/sg-2')),
  call('ec2:AuthorizeSecurityGroupIngress', ec2('security-group/sg-2')),
  call('ec2:CreateTags', ec2('security-group/sg-2')),
  call('ec2:CreateTags', ec2('instance/i-1'), { 'ec2:CreateAction': 'CreateVpcEndpoint' }),
  call('kms:DescribeKey', KEY),
];

/** What the role that deploys dev may do to dev all the same, with what it means in the ADR that says so. */
export const APPLY_MAY_ALL_THE_SAME: readonly (Call & { readonly says: string })[] = [
  { ...call('s3:PutLifecycleConfiguration', bucket('dev', 'ingestion')), says: 'lifecycle rule' },
  { ...call('s3:PutBucketVersioning', bucket('dev', 'ingestion')), says: 'versioning' },
  { ...call('s3:DeleteBucketPolicy', bucket('dev', 'ingestion')), says: 'bucket policy' },
  { ...call('lambda:UpdateFunctionCode', lambda('dev', 'load')), says: 'code of a function' },
];
