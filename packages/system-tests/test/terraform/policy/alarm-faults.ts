import { type Fault, type Resource, resourcesOf, type State, statementsOf } from './state.ts';

/** What each function is watched for. */
const WATCHED = ['Errors', 'Throttles', 'Duration'];
/** What else is watched; of these alone, silence is bad news. */
const OWN_METRICS: Readonly<Record<string, 'breaching' | 'notBreaching'>> = {
  'ingest/RunsSucceeded': 'breaching',
  'load/OldestUnloadedSeconds': 'breaching',
  'load/BatchesBlocked': 'notBreaching',
  'ingest/RowsQuarantined': 'notBreaching',
  'transform/RowsQuarantined': 'notBreaching',
  'ingest/FenceAgeSeconds': 'notBreaching',
  'reconcile/ProofSucceeded': 'breaching',
  'reconcile/RowsDiffering': 'notBreaching',
};

/** What is wrong with the alarms: something that nobody watches, or one that says nothing. */
export function* findAlarmFaults(state: State): Generator<Fault> {
  const alarms = resourcesOf(state, 'aws_cloudwatch_metric_alarm');
  const namespace = state.values.outputs.metric_namespace!.value;
  for (const { values } of resourcesOf(state, 'aws_lambda_function')) {
    for (const metric of WATCHED) {
      const isWatched = alarms.some(
        (alarm) =>
          alarm.values.metric_name === metric && alarm.values.dimensions?.FunctionName === values.function_name,
      );
      if (!isWatched) yield { rule: 'each function is watched', where: `${values.function_name}: ${metric}` };
    }
  }
  for (const { values } of resourcesOf(state, 'aws_sqs_queue')) {
    if (!alarms.some((alarm) => alarm.values.dimensions?.QueueName === values.name)) {
      yield { rule: 'dead letters are watched', where: values.name };
    }
  }
  for (const [own, missing] of Object.entries(OWN_METRICS)) {
    const alarm = alarms.find(
      ({ values }) => values.namespace === namespace && own === `${values.dimensions?.service}/${values.metric_name}`,
    );
    if (!alarm) yield { rule: 'each of our metrics is watched', where: own };
    else if (alarm.values.treat_missing_data !== missing) yield { rule: 'silence means what it should', where: own };
  }
  const topics = resourcesOf(state, 'aws_sns_topic').map(({ values }) => values.arn);
  for (const alarm of alarms) yield* findSilence(alarm, topics);
  for (const { address, values } of resourcesOf(state, 'aws_sns_topic_policy')) {
    const isOurs = statementsOf(values.policy).every(({ condition }) => condition.StringEquals?.['aws:SourceAccount']);
    if (!isOurs) yield { rule: 'our alarms alone tell the topic', where: address };
  }
}

function* findSilence({ address, values }: Resource, topics: readonly string[]): Generator<Fault> {
  if (!topics.includes(values.alarm_actions?.[0])) yield { rule: 'an alarm notifies a topic', where: address };
  if (!['breaching', 'notBreaching'].includes(values.treat_missing_data))
    yield { rule: 'an alarm says what silence means', where: address };
  if (!/totesys |aws |select |variable stages/.test(values.alarm_description ?? ''))
    yield { rule: 'an alarm says what to do', where: address };
  if (!values.alarm_description?.includes('docs/runbook.md'))
    yield { rule: 'an alarm leads to the runbook', where: address };
}
