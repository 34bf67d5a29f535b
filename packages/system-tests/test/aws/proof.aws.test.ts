import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, ListRulesCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { findLastProof, findProcessedManifest, openStore, type Store, type StoredProof } from '@totesys/lake';
import { until } from '@totesys/sandbox';
import { type Deployment, deploy } from './deployment.ts';
import { invokeStage } from './invoke-stage.ts';
import { readLog } from './log-lines.ts';

/** A schedule of a minute fires 60 to 70 s after it was made; a proof then takes seconds on a busy machine. */
const TICK_LIMIT_MS = 150_000;
const STACK_LIMIT_MS = 400_000;

// One slice is everything, so that each proof finds what is wrong.
const deployed = await deploy({ paused: true, proof: { slices: 1 } });
const describeDeployed = 'missing' in deployed ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in deployed) console.warn(`Skipped, nothing is deployed: ${deployed.missing}`);

afterAll(async () => {
  if (!('missing' in deployed)) await deployed.close();
}, STACK_LIMIT_MS);

describeDeployed('the deployed proof', () => {
  const { warehouse, outputs, log } = deployed as Deployment;
  let processed: Store;

  beforeAll(async () => {
    processed = openStore(outputs.buckets.processed);
    await invokeStage(outputs.functions.ingest);
    await invokeStage(outputs.functions.transform);
    await until('the batch is derived', () => findProcessedManifest(processed, 1), { explain: log });
    await until('the batch is loaded', async () => (await invokeStage(outputs.functions.load)).outcome !== 'yielded', {
      explain: log,
    });
  }, STACK_LIMIT_MS);

  test(
    'runs on its schedule, and a planted corruption raises its alarm',
    async () => {
      await proveEachMinute();
      const first = await untilProof(() => true);
      expect(first.proof).toMatchObject({ ok: true, batch: 1, differences: [] });

      await warehouse.sql`update fact_payment set paid = not paid where payment_id = 9`;
      const second = await untilProof(({ proof }) => !proof.ok);
      expect(second.proof.differences).toEqual([{ table: 'fact_payment', id: 9, kind: 'differs', columns: ['paid'] }]);

      // The emulator makes no metrics of log lines, so the test does what CloudWatch does.
      const published = await until('the metric of that proof', findMetric, { limitMs: TICK_LIMIT_MS, explain: log });
      await new CloudWatchClient({}).send(new PutMetricDataCommand(published));
      await until('the alarm', async () => (await readAlarm()) === 'ALARM', { explain: log });
    },
    STACK_LIMIT_MS,
  );

  // Terraform allows 15 minutes at least; a test cannot wait that long.
  async function proveEachMinute(): Promise<void> {
    const events = new EventBridgeClient({});
    const { Rules = [] } = await events.send(new ListRulesCommand({ NamePrefix: 'totesys-dev-proof' }));
    expect(Rules).toEqual([expect.objectContaining({ ScheduleExpression: 'rate(60 minutes)', State: 'DISABLED' })]);
    const [rule] = Rules;
    const ScheduleExpression = 'rate(1 minute)';
    await events.send(new PutRuleCommand({ Name: rule!.Name, ScheduleExpression, State: 'ENABLED' }));
  }

  function untilProof(matches: (stored: StoredProof) => boolean): Promise<StoredProof> {
    const find = async () => {
      const stored = await findLastProof(processed, 1);
      return stored && matches(stored) ? stored : undefined;
    };
    return until('a proof by its schedule', find, { limitMs: TICK_LIMIT_MS, explain: log });
  }

  // The line of embedded metrics with a difference, as the data that CloudWatch makes of it.
  async function findMetric() {
    const { lines } = await readLog(outputs.log_groups.reconcile!);
    const line = lines.find((each) => '_aws' in each && Number(each.RowsDiffering) > 0);
    if (!line) return undefined;
    const MetricData = [
      {
        MetricName: 'RowsDiffering',
        Dimensions: [{ Name: 'service', Value: String(line.service) }],
        Value: Number(line.RowsDiffering),
        Timestamp: new Date(),
      },
    ];
    return { Namespace: outputs.metric_namespace, MetricData };
  }

  async function readAlarm(): Promise<string | undefined> {
    const command = new DescribeAlarmsCommand({ AlarmNames: [outputs.alarms['proof-differs']!] });
    return (await new CloudWatchClient({}).send(command)).MetricAlarms?.[0]?.StateValue;
  }
});
