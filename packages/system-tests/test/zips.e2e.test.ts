import { readFile, rm } from 'node:fs/promises';
import { CreateFunctionCommand, InvokeCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { manifestKey, openStore } from '@totesys/lake';
import { createTestDatabase, populate, startMinistack, type TestDatabase } from '@totesys/sandbox';
import { buildZips } from './built-zips.ts';
import { expectEqual } from './pipeline.ts';

const ministack = await startMinistack();
const describeOnAws = 'missing' in ministack ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in ministack) console.warn(`Skipped, the zips are not invoked: ${ministack.missing}`);

const before = { ...process.env };
const REGION = 'eu-west-2';
const ROLE = 'arn:aws:iam::000000000000:role/totesys';
const SCHEDULED = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {}, resources: [] };

afterAll(async () => {
  process.env = before;
  if (!('missing' in ministack)) await ministack.stop();
});

describeOnAws('the zips, each invoked once with its real event', () => {
  let source: TestDatabase;
  let warehouse: TestDatabase;
  let built: Awaited<ReturnType<typeof buildZips>>;

  beforeAll(async () => {
    if ('missing' in ministack) return;
    Object.assign(process.env, ministack.env);
    source = await createTestDatabase({ totesys: true });
    warehouse = await createTestDatabase();
    await populate(source.sql, { seed: 3, salesOrders: 200, purchaseOrders: 100 });
    built = await buildZips();
    for (const Bucket of ['ingestion', 'processed']) {
      const place = { CreateBucketConfiguration: { LocationConstraint: REGION } } as const;
      await new S3Client({}).send(new CreateBucketCommand({ Bucket, ...place }));
    }
    for (const [Name, Value] of Object.entries({
      '/totesys/source': source.url,
      '/totesys/warehouse': warehouse.url,
    })) {
      await new SSMClient({}).send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }));
    }
    for (const [stage, zip] of Object.entries(built.zips)) await deploy(stage, zip, ministack.env);
  });

  afterAll(async () => {
    await Promise.all([source?.drop(), warehouse?.drop(), built && rm(built.folder, { recursive: true })]);
  });

  test('bring the source into the warehouse, through S3 and SSM', async () => {
    expect(await invoke('ingest', SCHEDULED)).toMatchObject({ outcome: 'committed', batch: 1, complete: true });
    const key = encodeURIComponent(manifestKey(1));
    const event = { Records: [{ eventSource: 'aws:s3', s3: { bucket: { name: 'ingestion' }, object: { key } } }] };
    expect(await invoke('transform', event)).toMatchObject({ outcome: 'committed', batches: [1] });
    expect(await invoke('load', SCHEDULED)).toMatchObject({ outcome: 'loaded', batches: [1], held: 0 });
    await expectEqual({ source, warehouse });
    expect(await invoke('reconcile', SCHEDULED)).toMatchObject({ outcome: 'equal', batch: 1, rows: { unread: 0 } });
  });

  test('do nothing the second time', async () => {
    const objects = async () => {
      const keys: string[] = [];
      for (const bucket of ['ingestion', 'processed'])
        for await (const { key } of openStore(`s3://${bucket}`).list('')) keys.push(key);
      return keys;
    };
    const keys = await objects();
    expect(await invoke('ingest', SCHEDULED)).toMatchObject({ outcome: 'unchanged' });
    expect(await invoke('transform', SCHEDULED)).toMatchObject({ outcome: 'unchanged' });
    expect(await invoke('load', SCHEDULED)).toMatchObject({ outcome: 'unchanged' });
    expect(await objects()).toEqual(keys);
  });

  test('fail on an event of another kind, so that Lambda counts the error', async () => {
    await expect(
      invoke('transform', { Records: [{ s3: { object: { key: 'sales_order/x.parquet' } } }] }),
    ).rejects.toThrow('no manifest');
  });

  async function deploy(stage: string, zip: string, environment: Readonly<Record<string, string>>): Promise<void> {
    const lambda = new LambdaClient({});
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: stage,
        Runtime: 'nodejs20.x',
        Handler: 'index.handler',
        Role: ROLE,
        Timeout: 60,
        MemorySize: 1024,
        Code: { ZipFile: await readFile(zip) },
        Environment: {
          Variables: {
            ...environment,
            SOURCE_URL_PARAMETER: '/totesys/source',
            WAREHOUSE_URL_PARAMETER: '/totesys/warehouse',
            INGESTION_URI: 's3://ingestion',
            PROCESSED_URI: 's3://processed',
            CODE_VERSION: 'test',
          },
        },
      }),
    );
    await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 60 }, { FunctionName: stage });
  }

  async function invoke(stage: string, event: unknown): Promise<unknown> {
    const command = new InvokeCommand({ FunctionName: stage, Payload: Buffer.from(JSON.stringify(event)) });
    const { FunctionError, Payload } = await new LambdaClient({}).send(command);
    const answer = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError) throw new Error(answer);
    return JSON.parse(answer);
  }
});
