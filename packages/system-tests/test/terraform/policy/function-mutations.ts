import { edit, editWhere, type Mutation, remove } from './mutation.ts';

/** One change for each thing that the rules promise of the functions and of what wakes them. */
export const FUNCTION_MUTATIONS: readonly Mutation[] = [
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
    name: 'a function has one more variable',
    rule: 'a function has no other variable',
    mutate: edit('aws_lambda_function', (values) => {
      values.environment[0].variables.SOURCE_URL = 'somewhere';
    }),
  },
  {
    name: 'a function has a password in a variable',
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
    name: 'every object wakes a stage',
    rule: 'manifests wake transform and load',
    mutate: edit('aws_s3_bucket_notification', (values) => {
      values.lambda_function[0].filter_prefix = '';
    }),
  },
  {
    name: 'the processed bucket wakes no stage',
    rule: 'manifests wake transform and load',
    mutate: remove('aws_s3_bucket_notification'),
  },
  {
    name: 'a manifest wakes the stage that writes it',
    rule: 'manifests wake transform and load',
    mutate: editWhere(
      'aws_s3_bucket_notification',
      ({ bucket }) => /-processed-/.test(bucket),
      (values) => {
        values.lambda_function[0].lambda_function_arn =
          'arn:aws:lambda:eu-west-2:123456789012:function:totesys-dev-transform';
      },
    ),
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
    name: 'a function logs text',
    rule: 'a function logs JSON',
    mutate: edit('aws_lambda_function', (values) => {
      values.logging_config[0].log_format = 'Text';
    }),
  },
  {
    name: 'a function runs on another processor',
    rule: 'a function runs on what was tested',
    mutate: edit('aws_lambda_function', (values) => {
      values.architectures = ['x86_64'];
    }),
  },
  {
    name: 'a function takes concurrency from the account',
    rule: 'no concurrency is reserved',
    mutate: edit('aws_lambda_function', (values) => {
      values.reserved_concurrent_executions = 1;
    }),
  },
  {
    name: 'a failed tick is retried after the next one',
    rule: 'failed runs are tried again as designed',
    mutate: editWhere(
      'aws_lambda_function_event_invoke_config',
      ({ function_name }) => /ingest$/.test(function_name),
      (values) => {
        values.maximum_retry_attempts = 2;
      },
    ),
  },
  {
    name: 'a topic may wake a function',
    rule: 'nobody else wakes a function',
    mutate: edit('aws_lambda_permission', (values) => {
      values.principal = 'sns.amazonaws.com';
    }),
  },
];
