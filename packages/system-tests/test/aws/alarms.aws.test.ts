import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  type MetricAlarm,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { METRIC_DIMENSION, METRICS } from '@totesys/runtime';
import { until } from '@totesys/sandbox';
import { alarmEntries } from '../alarm-entries.ts';
import { findAlarmTime } from './cloudwatch-model.ts';
import { type Deployment, deploy } from './deployment.ts';
import { type Happening, MUST_BE_QUIET, MUST_TELL, STAGE_OF } from './late-points.ts';

const STACK_LIMIT_MS = 200_000;
const MINUTE_MS = 60_000;

// Load's runs wait for a clock that is slower than the others', as docs/deploy.md offers.
const CLOCK_SECONDS = { ingest: 60, transform: 60, load: 300, reconcile: 3_600 };
const deployed = await deploy({ paused: true, minutes: { load: CLOCK_SECONDS.load / 60 } });
const describeDeployed = 'missing' in deployed ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in deployed) console.warn(`Skipped, nothing is deployed: ${deployed.missing}`);

afterAll(async () => {
  if (!('missing' in deployed)) await deployed.close();
}, STACK_LIMIT_MS);

/** The alarms that exist only with hints, which are off here. */
const ALARMS_OF_HINTS: readonly string[] = ['retained-wal', 'hints-missed'];

/** Stages that are not deployed here. */
const NOT_DEPLOYED: readonly string[] = ['publish'];

/** Every declared metric as `stage name`, without those of hints, which are off here. */
const declared = Object.entries(METRICS).flatMap(([stage, metrics]) =>
  Object.entries(metrics)
    .filter(([, metric]) => !('isOfHints' in metric) && !NOT_DEPLOYED.includes(stage))
    .map(([name, { hasAlarm }]) => ({ metric: `${stage} ${name}`, hasAlarm })),
);

describeDeployed('alarms and dashboard', () => {
  const { outputs } = deployed as Deployment;
  const client = new CloudWatchClient({});
  const isOurs = ({ Namespace }: MetricAlarm) => Namespace === outputs.metric_namespace;

  async function readAlarms(): Promise<MetricAlarm[]> {
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ MaxRecords: 100 }));
    return MetricAlarms;
  }

  test('an alarm on a metric of ours names one that the code emits, by its one dimension', async () => {
    const known = declared.map(({ metric }) => metric);
    for (const alarm of (await readAlarms()).filter(isOurs)) {
      expect(alarm.Dimensions).toEqual([{ Name: METRIC_DIMENSION, Value: expect.any(String) }]);
      expect(known).toContain(metricOf(alarm));
    }
  });

  test('every metric that needs an operator has an alarm', async () => {
    const alarmed = new Set((await readAlarms()).filter(isOurs).map(metricOf));
    expect(declared.filter(({ hasAlarm }) => hasAlarm).map(({ metric }) => metric)).toEqual(
      declared.filter(({ metric }) => alarmed.has(metric)).map(({ metric }) => metric),
    );
  });

  test('an alarm on a metric of AWS names a function or a queue that exists', async () => {
    const functions: string[] = Object.values(outputs.functions);
    const queue = new URL(outputs.dead_letters_url).pathname.split('/').at(-1);
    const alarms = (await readAlarms()).filter((alarm) => !isOurs(alarm));
    for (const { Namespace, MetricName, Dimensions } of alarms) {
      const [dimension] = Dimensions ?? [];
      expect({ MetricName, count: Dimensions?.length }).toEqual({ MetricName, count: 1 });
      if (Namespace === 'AWS/SQS') expect(dimension).toEqual({ Name: 'QueueName', Value: queue });
      else {
        expect({ Namespace, name: dimension?.Name }).toEqual({ Namespace: 'AWS/Lambda', name: 'FunctionName' });
        expect(functions).toContain(dimension?.Value);
      }
    }
    for (const name of functions) {
      const watched = alarms
        .filter(({ Dimensions }) => Dimensions?.[0]?.Value === name)
        .map((alarm) => alarm.MetricName);
      expect(watched.sort()).toEqual(['Duration', 'Errors', 'Throttles']);
    }
  });

  test('missing data is a fault for the heartbeat, for freshness and for proofs alone, and every alarm has a remedy', async () => {
    const alarms = await readAlarms();
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(Object.values(outputs.alarms).sort());
    const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching').map(metricOf);
    expect(breaching.sort()).toEqual([
      'ingest RunsSucceeded',
      'load OldestUnloadedSeconds',
      'reconcile ProofSucceeded',
    ]);
    for (const { TreatMissingData, AlarmDescription } of alarms) {
      expect(['breaching', 'notBreaching']).toContain(TreatMissingData);
      expect(AlarmDescription).toMatch(/aws |totesys |select /);
    }
  });

  test('the runbook has an entry for every alarm, and for no other', () => {
    const entries = alarmEntries(
      readFileSync(fileURLToPath(new URL('../../../../docs/runbook.md', import.meta.url)), 'utf8'),
    ).filter((entry) => !ALARMS_OF_HINTS.includes(entry));
    const matches = (entry: string) =>
      Object.keys(outputs.alarms).filter((key) =>
        new RegExp(`^${entry.replace('*', '(ingest|transform|load|reconcile)')}$`).test(key),
      );
    expect(entries.flatMap(matches).sort()).toEqual(Object.keys(outputs.alarms).sort());
    expect(entries.filter((entry) => matches(entry).length === 0)).toEqual([]);
  });

  test('the dashboard shows every declared metric and no other, and log lines that the code writes', async () => {
    const DashboardName = outputs.dashboard_url.split('/').at(-1);
    const { DashboardBody = '{}' } = await client.send(new GetDashboardCommand({ DashboardName }));
    const { widgets } = JSON.parse(DashboardBody) as { widgets: Widget[] };
    const shown = widgets.flatMap(({ properties }) => properties.metrics ?? []);
    const ours = shown.filter(([namespace]) => namespace === outputs.metric_namespace);
    expect(ours.every(([, , dimension]) => dimension === METRIC_DIMENSION)).toBe(true);
    const drawn = new Set(ours.map(([, name, , stage]) => `${stage} ${name}`));
    expect([...drawn].sort()).toEqual(declared.map(({ metric }) => metric).sort());

    const queries = widgets.flatMap(({ properties }) => properties.query ?? []);
    const messages = queries.flatMap((query) =>
      [...query.matchAll(/message = '([^']+)'/g)].map(([, message]) => message),
    );
    expect(messages.length).toBeGreaterThan(0);
    const code = readStages();
    for (const message of messages) expect(code).toContain(`'${message}'`);
    for (const query of queries) {
      for (const [, group] of query.matchAll(/SOURCE '([^']+)'/g))
        expect(Object.values(outputs.log_groups)).toContain(group);
    }
  });

  test('data beyond its limit puts each of our alarms into ALARM, and the topic sends it', async () => {
    const ours = (await readAlarms()).filter(isOurs);
    const queueUrl = await subscribeQueue(ours[0]!.AlarmActions![0]!);
    for (const alarm of ours) await putBeyond(alarm);
    const names = ours.map(({ AlarmName }) => AlarmName);
    await until('every alarm in alarm', async () =>
      (await readAlarms()).filter(isOurs).every(({ StateValue }) => StateValue === 'ALARM'),
    );
    const messages: string[] = [];
    await until('word of every alarm', async () => {
      const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
      for (const { Body = '' } of (await new SQSClient({}).send(command)).Messages ?? []) messages.push(Body);
      return names.every((name) => messages.some((body) => body.includes(name!) && body.includes('ALARM')));
    });
  });

  // Seconds from an event to its alarm, by a model of CloudWatch's evaluation: the emulator has no periods.
  async function simulate(key: string, happening: Happening, change: Partial<MetricAlarm> = {}) {
    const stage = /-(ingest|transform|load|reconcile)$/.exec(key)?.[1] ?? STAGE_OF[key] ?? 'ingest';
    const FunctionName = outputs.functions[stage as keyof typeof outputs.functions];
    const clock = CLOCK_SECONDS[stage as keyof typeof CLOCK_SECONDS];
    const { Timeout } = await new LambdaClient({}).send(new GetFunctionConfigurationCommand({ FunctionName }));
    const alarm = (await readAlarms()).find(({ AlarmName }) => AlarmName === outputs.alarms[key]);
    return findAlarmTime({ ...alarm!, ...change }, happening(Timeout!, clock), 0, Math.max(2 * 3_600, 4 * clock));
  }

  test('every alarm goes off for its fault, however late the data point reaches CloudWatch', async () => {
    const untold: string[] = [];
    const tried = new Set<string>();
    for (const [key, name, happening] of casesOf(MUST_TELL)) {
      tried.add(key);
      if ((await simulate(key, happening)) === undefined) untold.push(`${key}: ${name}`);
    }
    expect(untold).toEqual([]);
    expect([...tried].sort()).toEqual(Object.keys(outputs.alarms).sort());
  });

  test('no alarm goes off for one failed run, or for a run within its time', async () => {
    for (const [key, name, happening] of casesOf(MUST_BE_QUIET))
      expect({ key, name, at: await simulate(key, happening) }).toEqual({ key, name, at: undefined });
  });

  test('with periods of a minute a long run and a late error would go unseen', async () => {
    const minute = { Period: 60, EvaluationPeriods: 1, DatapointsToAlarm: 1 };
    const ended = MUST_TELL['duration-*']!['one run that is ended at its timeout']!;
    expect(await simulate('duration-ingest', ended, minute)).toBeUndefined();
    const late = MUST_TELL['errors-*']!['three runs that are ended at their timeout']!;
    const fiveMinutes = { Period: 60, EvaluationPeriods: 5, DatapointsToAlarm: 3 };
    expect(await simulate('errors-load', late, fiveMinutes)).toBeUndefined();
  });

  function* casesOf(happenings: typeof MUST_TELL): Generator<[string, string, Happening]> {
    for (const [pattern, named] of Object.entries(happenings)) {
      const matches = new RegExp(`^${pattern.replace('*', '(ingest|transform|load|reconcile)')}$`);
      for (const key of Object.keys(outputs.alarms).filter((each) => matches.test(each)))
        for (const [name, happening] of Object.entries(named)) yield [key, name, happening];
    }
  }

  // As many data points as the alarm looks at, a period apart, each on the wrong side of its limit.
  async function putBeyond({
    Namespace,
    MetricName,
    Dimensions,
    Period,
    EvaluationPeriods,
    Threshold,
    ComparisonOperator,
  }: MetricAlarm) {
    const Value = ComparisonOperator?.startsWith('Less') ? Threshold! - 1 : Threshold! + 1;
    const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    const MetricData = Array.from({ length: EvaluationPeriods! }, (_, i) => ({
      MetricName,
      Dimensions,
      Value,
      Timestamp: new Date(now - i * Period! * 1000),
    }));
    await client.send(new PutMetricDataCommand({ Namespace, MetricData }));
  }
});

interface Widget {
  readonly properties: { readonly metrics?: readonly string[][]; readonly query?: string };
}

function metricOf({ MetricName, Dimensions }: MetricAlarm): string {
  return `${Dimensions?.[0]?.Value} ${MetricName}`;
}

async function subscribeQueue(TopicArn: string): Promise<string> {
  const sqs = new SQSClient({});
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'alarms' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await new SNSClient({}).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes!.QueueArn }));
  return QueueUrl!;
}

function readStages(): string {
  const packages = fileURLToPath(new URL('../../..', import.meta.url));
  return ['ingest', 'transform', 'load', 'reconcile', 'runtime']
    .flatMap((name) => {
      const folder = join(packages, name, 'src');
      return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
    })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}
