import { edit, editWhere, type Mutation } from './mutation.ts';

/** One change for each thing that the rules promise of the alarms. */
export const ALARM_MUTATIONS: readonly Mutation[] = [
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
    name: 'an alarm notifies no topic',
    rule: 'an alarm notifies a topic',
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
    name: 'nobody hears of dead letters',
    rule: 'dead letters are watched',
    mutate: editWhere(
      'aws_cloudwatch_metric_alarm',
      ({ namespace }) => namespace === 'AWS/SQS',
      (values) => {
        values.dimensions = { QueueName: 'another' };
      },
    ),
  },
  {
    name: 'an alarm leads nowhere',
    rule: 'an alarm leads to the runbook',
    mutate: edit('aws_cloudwatch_metric_alarm', (values) => {
      values.alarm_description = values.alarm_description.replace('docs/runbook.md', 'the wiki');
    }),
  },
  {
    name: "anybody's alarms may tell the topic",
    rule: 'our alarms alone tell the topic',
    mutate: edit('aws_sns_topic_policy', (values) => {
      values.policy = values.policy.replace('aws:SourceAccount', 'aws:SourceArn');
    }),
  },
];
