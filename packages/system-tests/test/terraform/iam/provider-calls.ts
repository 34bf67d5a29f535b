import { ACCOUNT, bucket, deadLetters, ec2, lambda, REGION, role } from './names.ts';
import type { Call } from './simulate.ts';

const BOUNDARY = { 'iam:PermissionsBoundary': `arn:aws:iam::${ACCOUNT}:policy/totesys/dev/boundary` };
const TO_LAMBDA = { 'iam:PassedToService': 'lambda.amazonaws.com' };
const OURS = { 'aws:ResourceTag/Project': 'totesys', 'aws:ResourceTag/Environment': 'dev' };
const regional = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;

const BUCKET = bucket('dev', 'ingestion');
const FUNCTION = lambda('dev', 'load');
const ROLE = role('totesys/dev/totesys-dev-load');
const LOG_GROUP = regional('logs', 'log-group:/aws/lambda/totesys-dev-load');
const RULE = regional('events', 'rule/totesys-dev-load');
const TOPIC = regional('sns', 'totesys-dev-alarms');
const ALARM = regional('cloudwatch', 'alarm:totesys-dev-errors-load');
const DASHBOARD = `arn:aws:cloudwatch::${ACCOUNT}:dashboard/totesys-dev`;
const GROUP = ec2('security-group/sg-1');
const GROUP_RULE = ec2('security-group-rule/sgr-1');
const ENDPOINT = ec2('vpc-endpoint/vpce-1');

/** What the provider calls to see how a resource is, which a plan does, and to make, change and remove it. */
export interface ProviderCalls {
  readonly sees: readonly Call[];
  readonly changes: readonly Call[];
}

const calls = (resource: string, actions: string, context?: Call['context']): Call[] =>
  actions.split(' ').map((action) => ({ action, resource, ...(context && { context }) }));

/** A setting of a bucket, which has an API of its own. */
const setting = (read: string, write: string): ProviderCalls => ({
  sees: calls(BUCKET, read),
  changes: calls(BUCKET, write),
});

/**
 * By type of resource, from the source of the provider (internal/service) and the actions of AWS's service
 * authorization reference. A test has each type of terraform/ here.
 */
export const PROVIDER_CALLS: Readonly<Record<string, ProviderCalls>> = {
  aws_cloudwatch_dashboard: {
    sees: calls(DASHBOARD, 'cloudwatch:GetDashboard'),
    changes: calls(DASHBOARD, 'cloudwatch:PutDashboard cloudwatch:DeleteDashboards'),
  },
  aws_cloudwatch_event_rule: {
    sees: calls(RULE, 'events:DescribeRule events:ListTagsForResource'),
    changes: calls(RULE, 'events:PutRule events:TagResource events:UntagResource events:DeleteRule'),
  },
  aws_cloudwatch_event_target: {
    sees: calls(RULE, 'events:ListTargetsByRule'),
    changes: calls(RULE, 'events:PutTargets events:RemoveTargets'),
  },
  aws_cloudwatch_log_group: {
    sees: [...calls('*', 'logs:DescribeLogGroups'), ...calls(LOG_GROUP, 'logs:ListTagsForResource')],
    changes: calls(
      LOG_GROUP,
      'logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource logs:UntagResource logs:DeleteLogGroup',
    ),
  },
  aws_cloudwatch_metric_alarm: {
    sees: [...calls('*', 'cloudwatch:DescribeAlarms'), ...calls(ALARM, 'cloudwatch:ListTagsForResource')],
    changes: calls(
      ALARM,
      'cloudwatch:PutMetricAlarm cloudwatch:TagResource cloudwatch:UntagResource cloudwatch:DeleteAlarms',
    ),
  },
  aws_iam_role: {
    sees: calls(ROLE, 'iam:GetRole iam:ListRolePolicies iam:ListAttachedRolePolicies'),
    changes: [
      ...calls(ROLE, 'iam:CreateRole iam:PutRolePermissionsBoundary', BOUNDARY),
      ...calls(ROLE, 'iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UpdateRoleDescription iam:TagRole iam:UntagRole'),
      ...calls(ROLE, 'iam:ListInstanceProfilesForRole iam:DeleteRole'),
    ],
  },
  aws_iam_role_policy: {
    sees: calls(ROLE, 'iam:GetRolePolicy'),
    changes: calls(ROLE, 'iam:PutRolePolicy iam:DeleteRolePolicy', BOUNDARY),
  },
  aws_lambda_function: {
    sees: calls(FUNCTION, 'lambda:GetFunction lambda:ListVersionsByFunction lambda:GetFunctionCodeSigningConfig'),
    changes: [
      ...calls(ROLE, 'iam:PassRole', TO_LAMBDA),
      ...calls(FUNCTION, 'lambda:CreateFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration'),
      ...calls(FUNCTION, 'lambda:TagResource lambda:UntagResource lambda:DeleteFunction'),
      // Lambda requires these rights from the role that puts a function into a VPC.
      ...calls('*', 'ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs'),
    ],
  },
  aws_lambda_function_event_invoke_config: {
    sees: calls(FUNCTION, 'lambda:GetFunctionEventInvokeConfig'),
    changes: calls(FUNCTION, 'lambda:PutFunctionEventInvokeConfig lambda:DeleteFunctionEventInvokeConfig'),
  },
  aws_lambda_permission: {
    sees: calls(FUNCTION, 'lambda:GetPolicy'),
    changes: calls(FUNCTION, 'lambda:AddPermission lambda:RemovePermission'),
  },
  aws_s3_bucket: {
    sees: calls(
      BUCKET,
      's3:ListBucket s3:GetBucketPolicy s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite ' +
        's3:GetBucketVersioning s3:GetAccelerateConfiguration s3:GetBucketRequestPayment s3:GetBucketLogging ' +
        's3:GetLifecycleConfiguration s3:GetReplicationConfiguration s3:GetEncryptionConfiguration ' +
        's3:GetBucketObjectLockConfiguration s3:GetBucketLocation s3:ListTagsForResource s3:GetBucketTagging',
    ),
    changes: calls(BUCKET, 's3:CreateBucket s3:TagResource s3:UntagResource s3:PutBucketTagging s3:DeleteBucket'),
  },
  aws_s3_bucket_lifecycle_configuration: setting('s3:GetLifecycleConfiguration', 's3:PutLifecycleConfiguration'),
  aws_s3_bucket_notification: setting('s3:GetBucketNotification', 's3:PutBucketNotification'),
  aws_s3_bucket_ownership_controls: setting('s3:GetBucketOwnershipControls', 's3:PutBucketOwnershipControls'),
  aws_s3_bucket_policy: setting('s3:GetBucketPolicy', 's3:PutBucketPolicy s3:DeleteBucketPolicy'),
  aws_s3_bucket_public_access_block: setting('s3:GetBucketPublicAccessBlock', 's3:PutBucketPublicAccessBlock'),
  aws_s3_bucket_server_side_encryption_configuration: setting(
    's3:GetEncryptionConfiguration',
    's3:PutEncryptionConfiguration',
  ),
  aws_s3_bucket_versioning: setting('s3:GetBucketVersioning', 's3:PutBucketVersioning'),
  aws_security_group: {
    sees: calls('*', 'ec2:DescribeSecurityGroups'),
    changes: [
      ...[ec2('vpc/vpc-1'), ec2('security-group/*')].flatMap((place) => calls(place, 'ec2:CreateSecurityGroup')),
      ...calls(ec2('security-group/*'), 'ec2:CreateTags', { 'ec2:CreateAction': 'CreateSecurityGroup' }),
      ...calls(GROUP, 'ec2:RevokeSecurityGroupEgress ec2:CreateTags ec2:DeleteTags ec2:DeleteSecurityGroup', OURS),
      ...calls('*', 'ec2:DescribeNetworkInterfaces'),
    ],
  },
  aws_sns_topic: {
    sees: calls(TOPIC, 'sns:GetTopicAttributes sns:ListTagsForResource'),
    changes: calls(TOPIC, 'sns:CreateTopic sns:SetTopicAttributes sns:TagResource sns:UntagResource sns:DeleteTopic'),
  },
  aws_sns_topic_policy: {
    sees: calls(TOPIC, 'sns:GetTopicAttributes'),
    changes: calls(TOPIC, 'sns:SetTopicAttributes'),
  },
  aws_sns_topic_subscription: {
    sees: calls('*', 'sns:GetSubscriptionAttributes'),
    changes: [...calls(TOPIC, 'sns:Subscribe'), ...calls('*', 'sns:Unsubscribe')],
  },
  aws_sqs_queue: {
    sees: calls(deadLetters('dev'), 'sqs:GetQueueAttributes sqs:ListQueueTags'),
    changes: calls(
      deadLetters('dev'),
      'sqs:CreateQueue sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue sqs:DeleteQueue',
    ),
  },
  aws_vpc_endpoint: {
    // Of an interface endpoint it reads each interface's address, for `subnet_configuration`.
    sees: calls('*', 'ec2:DescribeVpcEndpoints ec2:DescribePrefixLists ec2:DescribeNetworkInterfaces'),
    changes: [
      ...['vpc/vpc-1', 'vpc-endpoint/*', 'subnet/subnet-1', 'route-table/rtb-1', 'security-group/sg-1'].flatMap(
        (place) => calls(ec2(place), 'ec2:CreateVpcEndpoint'),
      ),
      ...calls('arn:aws:route53:::hostedzone/Z1', 'route53:AssociateVPCWithHostedZone'),
      ...calls(ec2('vpc-endpoint/*'), 'ec2:CreateTags', { 'ec2:CreateAction': 'CreateVpcEndpoint' }),
      ...calls(ENDPOINT, 'ec2:ModifyVpcEndpoint ec2:CreateTags ec2:DeleteTags ec2:DeleteVpcEndpoints', OURS),
      ...['subnet/subnet-1', 'route-table/rtb-1', 'security-group/sg-1'].flatMap((place) =>
        calls(ec2(place), 'ec2:ModifyVpcEndpoint'),
      ),
    ],
  },
  aws_vpc_security_group_ingress_rule: {
    sees: calls('*', 'ec2:DescribeSecurityGroupRules'),
    changes: [
      ...calls(
        GROUP,
        'ec2:AuthorizeSecurityGroupIngress ec2:ModifySecurityGroupRules ec2:RevokeSecurityGroupIngress',
        OURS,
      ),
      ...calls(ec2('security-group-rule/*'), 'ec2:AuthorizeSecurityGroupIngress'),
      ...calls(ec2('security-group-rule/*'), 'ec2:CreateTags', { 'ec2:CreateAction': 'AuthorizeSecurityGroupIngress' }),
      ...calls(GROUP_RULE, 'ec2:ModifySecurityGroupRules ec2:CreateTags ec2:DeleteTags', OURS),
    ],
  },
};

/**
 * What the provider calls for the data sources of terraform/: the VPC's DNS settings, and its main route table besides.
 */
export const DATA_CALLS: Readonly<Record<string, readonly Call[]>> = {
  aws_caller_identity: [],
  aws_iam_policy_document: [],
  aws_partition: [],
  aws_region: [],
  aws_vpc: [
    ...calls('*', 'ec2:DescribeVpcs ec2:DescribeRouteTables'),
    ...calls(ec2('vpc/vpc-1'), 'ec2:DescribeVpcAttribute'),
  ],
};
