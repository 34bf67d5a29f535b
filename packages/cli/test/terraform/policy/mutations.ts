import { type Resource, resourcesOf, type State } from './state.ts';

/** A change of a state that the rules must notice, each by the rule that it breaks. */
export interface Mutation {
  readonly name: string;
  readonly rule: string;
  mutate(state: State): void;
}

/** One change for each thing that the rules promise. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a role may do anything with S3',
    rule: 'no action has a wildcard',
    mutate: inPolicyOf('ingest', 's3:PutObject', 's3:*'),
  },
  {
    name: 'a role may read any bucket',
    rule: 'no resource has a wildcard',
    mutate: inPolicyOf('transform', /arn:aws:s3:::[a-z0-9-]+\/\*/, 'arn:aws:s3:::*/*'),
  },
  {
    name: 'a role may read everything',
    rule: 'no resource has a wildcard',
    mutate: inPolicyOf('load', /arn:aws:s3:::[a-z0-9-]+\/\*/, '*'),
  },
  {
    name: 'ingest may read the processed bucket',
    rule: 'a role has no other right',
    mutate: inPolicyOf('ingest', /-ingestion-(\d+-[a-z0-9-]+\/\*)/, '-processed-$1'),
  },
  {
    name: 'transform may read a URL',
    rule: 'a role has no other right',
    mutate: inPolicyOf('transform', 'sqs:SendMessage', 'ssm:GetParameter'),
  },
  {
    name: 'load may write',
    rule: 'a role has no other right',
    mutate: inPolicyOf('load', 's3:GetObject', 's3:PutObject'),
  },
  {
    name: 'load may read rows of the ingestion bucket',
    rule: 'a role has no other right',
    mutate: inPolicyOf('load', '/_manifests/*', '/*'),
  },
  {
    name: 'ingest may not list',
    rule: 'a role has each right',
    mutate: inPolicyOf('ingest', 's3:ListBucket', 's3:GetBucketLocation'),
  },
  {
    name: 'somebody else may take a role',
    rule: 'Lambda alone takes a role',
    mutate: edit('aws_iam_role', (values) => {
      values.assume_role_policy = values.assume_role_policy.replace('lambda.amazonaws.com', 'ec2.amazonaws.com');
    }),
  },
  {
    name: 'a managed policy is attached',
    rule: 'rights are inline, one policy a role',
    mutate: (state) => {
      const policy = one(state, 'aws_iam_role_policy');
      (policy as { type: string }).type = 'aws_iam_role_policy_attachment';
    },
  },
  {
    name: 'a bucket answers plain HTTP',
    rule: 'a bucket refuses plain HTTP',
    mutate: inBucketPolicy('"aws:SecureTransport": "false"', '"aws:SecureTransport": "true"'),
  },
  {
    name: 'a bucket lets objects be overwritten',
    rule: 'a bucket refuses to overwrite',
    mutate: inBucketPolicy('s3:if-none-match', 's3:x-amz-acl'),
  },
  {
    name: 'a bucket lets somebody in',
    rule: 'a bucket policy lets nobody in',
    mutate: inBucketPolicy('"Effect": "Deny"', '"Effect": "Allow"'),
  },
  {
    name: 'a bucket may be public',
    rule: 'a bucket is not public',
    mutate: edit('aws_s3_bucket_public_access_block', (values) => {
      values.restrict_public_buckets = false;
    }),
  },
  {
    name: 'a bucket is not encrypted',
    rule: 'a bucket is encrypted',
    mutate: remove('aws_s3_bucket_server_side_encryption_configuration'),
  },
  { name: 'a bucket keeps no versions', rule: 'a bucket keeps versions', mutate: remove('aws_s3_bucket_versioning') },
  {
    name: 'a committed object expires',
    rule: 'no committed object expires',
    mutate: edit('aws_s3_bucket_lifecycle_configuration', (values) => {
      for (const rule of values.rule) for (const block of rule.expiration ?? []) block.days = 365;
    }),
  },
  {
    name: 'a log has no end',
    rule: 'a log group has an end',
    mutate: edit('aws_cloudwatch_log_group', (values) => {
      values.retention_in_days = 0;
    }),
  },
  {
    name: 'a function has no log group of its own',
    rule: 'a function has a log group',
    mutate: remove('aws_cloudwatch_log_group'),
  },
  {
    name: 'a function is told one thing more',
    rule: 'a function is told nothing else',
    mutate: edit('aws_lambda_function', (values) => {
      values.environment[0].variables.SOURCE_URL = 'somewhere';
    }),
  },
  {
    name: 'a function is told a password',
    rule: 'there is no secret',
    mutate: edit('aws_lambda_function', (values) => {
      values.environment[0].variables.INGESTION_URI = 'postgres://reader:secret@host/totesys';
    }),
  },
  {
    name: 'anybody could make S3 invoke transform',
    rule: "S3's permission names the account",
    mutate: editWhere(
      'aws_lambda_permission',
      ({ principal }) => principal === 's3.amazonaws.com',
      (values) => {
        values.source_account = null;
      },
    ),
  },
  {
    name: 'any rule may wake a function',
    rule: 'a permission names its source',
    mutate: edit('aws_lambda_permission', (values) => {
      values.source_arn = null;
    }),
  },
  {
    name: 'every object wakes transform',
    rule: 'a manifest wakes transform',
    mutate: edit('aws_s3_bucket_notification', (values) => {
      values.lambda_function[0].filter_prefix = '';
    }),
  },
  { name: 'a stage has no clock', rule: 'each stage has a clock', mutate: remove('aws_cloudwatch_event_target') },
  {
    name: 'dead letters are not kept',
    rule: 'dead letters are kept as designed',
    mutate: editWhere(
      'aws_lambda_function_event_invoke_config',
      ({ function_name }) => /transform$/.test(function_name),
      (values) => {
        values.destination_config = [];
      },
    ),
  },
  {
    name: 'the queue is not encrypted',
    rule: 'a queue is encrypted',
    mutate: edit('aws_sqs_queue', (values) => {
      values.sqs_managed_sse_enabled = false;
    }),
  },
  {
    name: 'nobody watches a function',
    rule: 'each function is watched',
    mutate: editWhere(
      'aws_cloudwatch_metric_alarm',
      ({ metric_name }) => metric_name === 'Errors',
      (values) => {
        values.dimensions = { FunctionName: 'another' };
      },
    ),
  },
  {
    name: 'an alarm watches a metric that nobody sends',
    rule: 'each of our metrics is watched',
    mutate: editWhere(
      'aws_cloudwatch_metric_alarm',
      ({ metric_name }) => metric_name === 'RunsSucceeded',
      (values) => {
        values.dimensions = { stage: 'ingest' };
      },
    ),
  },
  {
    name: 'the heartbeat takes silence for good news',
    rule: 'silence means what it should',
    mutate: editWhere(
      'aws_cloudwatch_metric_alarm',
      ({ metric_name }) => metric_name === 'RunsSucceeded',
      (values) => {
        values.treat_missing_data = 'notBreaching';
      },
    ),
  },
  {
    name: 'an alarm leaves silence to chance',
    rule: 'an alarm says what silence means',
    mutate: edit('aws_cloudwatch_metric_alarm', (values) => {
      values.treat_missing_data = 'missing';
    }),
  },
  {
    name: 'an alarm tells nobody',
    rule: 'an alarm tells somebody',
    mutate: edit('aws_cloudwatch_metric_alarm', (values) => {
      values.alarm_actions = [];
    }),
  },
  {
    name: 'an alarm does not say what to do',
    rule: 'an alarm says what to do',
    mutate: edit('aws_cloudwatch_metric_alarm', (values) => {
      values.alarm_description = 'Something is wrong.';
    }),
  },
  {
    name: 'something has no tags',
    rule: 'what can be tagged is',
    mutate: edit('aws_sns_topic', (values) => {
      values.tags_all = {};
    }),
  },
];

type Values = Resource['values'];

function edit(type: string, change: (values: Values) => void): (state: State) => void {
  return editWhere(type, () => true, change);
}

function editWhere(type: string, matches: (values: Values) => boolean, change: (values: Values) => void) {
  return (state: State) => change(one(state, type, matches).values);
}

function remove(type: string): (state: State) => void {
  return (state) => {
    (one(state, type) as { mode: string }).mode = 'data';
  };
}

function inPolicyOf(stage: string, from: string | RegExp, to: string): (state: State) => void {
  return editWhere(
    'aws_iam_role_policy',
    ({ role }) => role.endsWith(`-${stage}`),
    (values) => {
      values.policy = values.policy.replace(from, to);
    },
  );
}

function inBucketPolicy(from: string, to: string): (state: State) => void {
  return edit('aws_s3_bucket_policy', (values) => {
    // As compact as a real AWS may give it, or as spaced as Terraform writes it.
    values.policy = JSON.stringify(JSON.parse(values.policy), undefined, 1).replace(from, to);
  });
}

function one(state: State, type: string, matches: (values: Values) => boolean = () => true): Resource {
  const found = resourcesOf(state, type).find(({ values }) => matches(values));
  if (!found) throw new Error(`The state has no such ${type}; the mutation means nothing.`);
  return found;
}
