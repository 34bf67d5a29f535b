import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { findIngestionManifest, findProcessedManifest, manifestKey, openStore, type Store } from '@totesys/lake';
import { METRICS } from '@totesys/runtime';
import { addOrder, until } from '@totesys/sandbox';
import { expectEqual } from '../pipeline.ts';
import { type Deployment, deploy, expectDone } from './deployment.ts';
import { invokeStage, manifestEvent } from './invoke-stage.ts';
import { readLog } from './log-lines.ts';
import { listResources } from './resources.ts';

/** Schedules fire 60 to 70 s after they were made, and so on. */
const TICK_LIMIT_MS = 100_000;
/** An event takes a second, three failures in a row four; a busy machine many times that. */
const EVENT_LIMIT_MS = 60_000;
const STACK_LIMIT_MS = 200_000;

// The sweep comes with the second tick of the others, so that what the first one brings is the notification's doing
// alone.
const deployed = await deploy({ minutes: { sweep: 2 } });
const describeDeployed = 'missing' in deployed ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in deployed) console.warn(`Skipped, nothing is deployed: ${deployed.missing}`);

afterAll(async () => {
  if (!('missing' in deployed)) await deployed.close();
}, STACK_LIMIT_MS);

// One story, in its order: what waits for a tick of the schedules waits once for all.
describeDeployed('the deployed pipeline', () => {
  const { source, warehouse, outputs, make, run, log } = deployed as Deployment;
  let ingestion: Store;
  let processed: Store;
  let bucket: string;
  let processedBucket: string;
  let restoreProcessed = async () => {};

  beforeAll(() => {
    ingestion = openStore(outputs.buckets.ingestion);
    processed = openStore(outputs.buckets.processed);
    bucket = outputs.buckets.ingestion.replace('s3://', '');
    processedBucket = outputs.buckets.processed.replace('s3://', '');
  });

  test('has nothing to change right after it was applied', async () => {
    expect((await expectDone(make('plan'))).stdout).toContain('No changes.');
  });

  test(
    'reads the source by its schedule, and derives and loads the batch by the notifications',
    async () => {
      await writeOrder();
      await until('the first batch is in the warehouse', async () => (await loadedBatch()) >= 1, {
        limitMs: TICK_LIMIT_MS,
        explain: log,
      });
    },
    STACK_LIMIT_MS,
  );

  test('keeps the event of a poisoned manifest as a dead letter', async () => {
    const poison = { Bucket: bucket, Key: manifestKey(2), Body: 'no manifest', IfNoneMatch: '*' };
    await new S3Client({}).send(new PutObjectCommand(poison));
    await until('a dead letter', async () => (await countLetters()) === 1, { limitMs: EVENT_LIMIT_MS, explain: log });
    expect((await readLog(outputs.log_groups.transform!)).lines).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        message: 'stage:failed',
        stage: 'transform',
        batch: 2,
        wakeUp: { batch: 2, by: 's3', eventId: expect.any(String) },
        error: expect.objectContaining({ code: 'MANIFEST_UNREADABLE' }),
      }),
    );
  });

  test(
    'redrives it once the cause is fixed: that letter alone brings the batch',
    async () => {
      await new S3Client({}).send(new DeleteObjectCommand({ Bucket: bucket, Key: manifestKey(2) }));
      const restoreBucket = await silenceBucket(bucket);
      try {
        await writeOrder();
        await commitBatch(2);
        const redriven = await expectDone(run(['packages/cli/bin/totesys.mjs', 'redrive', '--json']));
        expect(JSON.parse(redriven.stdout)).toMatchObject({ ok: true, redriven: 1, failed: 0, unreadable: 0 });
        expect(await findProcessedManifest(processed, 2)).toBeDefined();
        expect(await countLetters()).toBe(0);
        const nothing = await expectDone(run(['packages/cli/bin/totesys.mjs', 'redrive', '--json']));
        expect(JSON.parse(nothing.stdout)).toMatchObject({ ok: true, redriven: 0, letters: [] });

        // Its events never come: this bucket is still silent, and now the other one is, too.
        restoreProcessed = await silenceBucket(processedBucket);
        await writeOrder();
        await commitBatch(3);
      } finally {
        await restoreBucket();
      }
    },
    STACK_LIMIT_MS,
  );

  test(
    'sweeps up and loads by its schedules the batch whose events were lost, and answers a smoke check',
    async () => {
      try {
        await until('the batch without an event is in the warehouse', async () => (await loadedBatch()) >= 3, {
          limitMs: 2 * TICK_LIMIT_MS,
          explain: log,
        });
        expect(await findLoader(3)).toBe('schedule');
      } finally {
        await restoreProcessed();
      }
      await writeOrder();
      await expectDone(run(['--import', 'tsx', 'scripts/smoke.ts', 'dev']));
      await until('all of it in the warehouse', async () => (await loadedBatch()) >= 4, {
        limitMs: TICK_LIMIT_MS,
        explain: log,
      });
      await expectEqual({ source, warehouse });
    },
    2 * STACK_LIMIT_MS,
  );

  test('has loaded a batch as soon as its manifest was written', async () => {
    expect((await readLoaders()).map(({ by }) => by)).toContain('s3');
  });

  test('doctor finds each function active, and its schedule enabled', async () => {
    const program = ['packages/cli/bin/totesys.mjs', 'doctor', '--terraform', 'terraform', '--json'];
    const { checks } = JSON.parse((await run(program)).stdout) as { checks: { subject: string; state: string }[] };
    for (const stage of Object.keys(outputs.functions)) {
      expect(checks).toContainEqual(expect.objectContaining({ subject: `function ${stage}`, state: 'ok' }));
      expect(checks).toContainEqual(expect.objectContaining({ subject: `schedule ${stage}`, state: 'ok' }));
    }
  });

  test('is not changed by events that arrive twice or out of order', async () => {
    const before = await objectKeys();
    const loads = [3, 3, 1].map((batch, i) => manifestEvent(processedBucket, batch, `load-${i}`));
    const outcomes = await Promise.all(loads.map((event) => invokeStage(outputs.functions.load, event)));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ batches: [], rows: 0 });
    const events = [3, 3, 2, 1].map((batch, i) => manifestEvent(bucket, batch, `again-${i}`));
    const answers = await Promise.all(events.map((event) => invokeStage(outputs.functions.transform, event)));
    for (const answer of answers) expect(answer).toMatchObject({ outcome: 'unchanged', batches: [] });
    expect(await objectKeys()).toEqual(before);
    await expectEqual({ source, warehouse });
  });

  test('emits every declared metric, in its namespace, under its stage, and no other', async () => {
    const seen: Record<string, Set<string>> = {};
    for (const stage of ['ingest', 'transform', 'load', 'reconcile']) {
      const { lines } = await readLog(outputs.log_groups[stage]!);
      for (const line of lines.filter((each) => '_aws' in each)) {
        const { CloudWatchMetrics } = line._aws as { CloudWatchMetrics: EmbeddedMetrics[] };
        for (const { Namespace, Dimensions, Metrics } of CloudWatchMetrics) {
          expect({ Namespace, Dimensions }).toEqual({ Namespace: outputs.metric_namespace, Dimensions: [['service']] });
          seen[String(line.service)] ??= new Set();
          for (const { Name } of Metrics) seen[String(line.service)]!.add(Name);
        }
      }
    }
    const declared = Object.entries(METRICS)
      .filter(([stage]) => outputs.log_groups[stage] !== undefined)
      .map(([stage, metrics]) => [stage, namesWithoutHints(metrics)])
      .filter(([, names]) => names!.length > 0);
    expect(Object.entries(seen).map(([stage, names]) => [stage, [...names].sort()])).toEqual(declared);
  });

  test('writes log lines with stage and batch, and without secrets or whole events', async () => {
    for (const stage of ['ingest', 'transform', 'load', 'reconcile']) {
      const { lines, text } = await readLog(outputs.log_groups[stage]!);
      const events = lines.filter(({ message, _aws }) => message !== undefined && _aws === undefined);
      expect(events.length).toBeGreaterThan(0);
      for (const line of events) expect(line).toMatchObject({ stage, level: expect.any(String) });
      expect(events.filter(({ batch }) => typeof batch === 'number').length).toBeGreaterThan(0);
      for (const { url } of [source, warehouse]) expect(text).not.toContain(new URL(url).password);
      expect(text).not.toMatch(/"Records"|detail-type/);
    }
  });

  test(
    'leaves only the secrets and the state when it is destroyed',
    async () => {
      await expectDone(make('destroy'));
      expect(await listResources()).toEqual({
        functions: [],
        buckets: [expect.stringMatching(/^totesys-state-/)],
        queues: [],
        roles: [],
        rules: [],
        topics: [],
        alarms: [],
        dashboards: [],
        logGroups: [],
      });
    },
    STACK_LIMIT_MS,
  );

  async function writeOrder(): Promise<void> {
    await source.sql.begin((sql) => addOrder(sql));
  }

  async function countLetters(): Promise<number> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: outputs.dead_letters_url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    });
    const { Attributes = {} } = await new SQSClient({}).send(command);
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  }

  // By a tick, or by us where that has yet to come.
  async function commitBatch(batch: number): Promise<void> {
    await until(
      `batch ${batch} is committed`,
      async () => {
        await invokeStage(outputs.functions.ingest);
        return findIngestionManifest(ingestion, batch);
      },
      { limitMs: EVENT_LIMIT_MS, explain: log },
    );
  }

  // As if S3 lost every event of the bucket, until the function that it returns is called.
  async function silenceBucket(Bucket: string): Promise<() => Promise<void>> {
    const s3 = new S3Client({});
    const { $metadata, ...notification } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(notification.LambdaFunctionConfigurations).toHaveLength(1);
    const configure = async (NotificationConfiguration: NotificationConfiguration) => {
      await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
    };
    await configure({});
    return () => configure(notification);
  }

  // Each batch that load has loaded, and what woke that run.
  async function readLoaders(): Promise<{ batch: unknown; by: unknown }[]> {
    const { lines } = await readLog(outputs.log_groups.load!);
    return lines
      .filter(({ message }) => message === 'batch:loaded')
      .map(({ batch, wakeUp }) => ({ batch, by: (wakeUp as { by?: unknown } | undefined)?.by }));
  }

  // Load logs a batch after its commit, and a log reaches its group a moment later.
  function findLoader(batch: number): Promise<unknown> {
    const find = async () => (await readLoaders()).find((loader) => loader.batch === batch)?.by;
    return until(`batch ${batch} in the log of load`, find, { limitMs: EVENT_LIMIT_MS, explain: log });
  }

  async function loadedBatch(): Promise<number> {
    const [ledger] = await warehouse.sql`select to_regclass('etl.ledger') is not null as there`;
    if (!ledger?.there) return 0;
    const [row] = await warehouse.sql`select coalesce(max(batch), 0)::int as batch from etl.ledger`;
    return row?.batch;
  }

  async function objectKeys(): Promise<string[]> {
    const keys: string[] = [];
    for (const store of [ingestion, processed])
      for await (const { key } of store.list('')) keys.push(`${store.uri}/${key}`);
    return keys;
  }
});

interface EmbeddedMetrics {
  readonly Namespace: string;
  readonly Dimensions: readonly string[][];
  readonly Metrics: readonly { readonly Name: string }[];
}

// Hints are off here.
function namesWithoutHints(metrics: Readonly<Record<string, object>>): string[] {
  return Object.keys(metrics)
    .filter((name) => !('isOfHints' in metrics[name]!))
    .sort();
}
