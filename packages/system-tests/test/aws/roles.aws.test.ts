import { GetRolePolicyCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { findNewestBatch, findProcessedManifest, openStore } from '@totesys/lake';
import { addOrder, until } from '@totesys/sandbox';
import { expectEqual } from '../pipeline.ts';
import { type Deployment, deploy } from './deployment.ts';
import { invokeStage } from './invoke-stage.ts';
import { readLog } from './log-lines.ts';

const STACK_LIMIT_MS = 200_000;

// The emulator holds each function to its role's policies. It speaks plain HTTP, which the buckets otherwise refuse.
const deployed = await deploy({ paused: true, refuse_plain_http: false }, { AUTH: 'true' });
const describeDeployed = 'missing' in deployed ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in deployed) console.warn(`Skipped, nothing is deployed: ${deployed.missing}`);

afterAll(async () => {
  if (!('missing' in deployed)) await deployed.close();
}, STACK_LIMIT_MS);

type Stage = 'ingest' | 'transform' | 'load' | 'reconcile';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** Each right without which a stage fails. */
const NEEDED: [Stage, string][] = [
  ['ingest', 'ReadTheIngestionBucket'],
  ['ingest', 'WriteTheIngestionBucket'],
  ['ingest', 'ListTheIngestionBucket'],
  ['ingest', 'ReadTheSourceUrl'],
  ['transform', 'ReadTheIngestionBucket'],
  ['transform', 'ListTheIngestionBucket'],
  ['transform', 'ReadTheProcessedBucket'],
  ['transform', 'WriteTheProcessedBucket'],
  ['transform', 'ListTheProcessedBucket'],
  ['load', 'ReadTheProcessedBucket'],
  ['load', 'ListTheProcessedBucket'],
  ['load', 'ReadTheWarehouseUrl'],
  ['reconcile', 'ReadTheIngestionBucket'],
  ['reconcile', 'ListTheIngestionBucket'],
  ['reconcile', 'ReadTheProcessedBucket'],
  ['reconcile', 'ListTheProcessedBucket'],
  ['reconcile', 'WriteProofs'],
  ['reconcile', 'ReadBothUrls'],
];

/**
 * Rights that a stage works without here: logs and dead letters are Lambda's own doing, which the emulator holds to no
 * role; ages are measurements.
 */
const OTHERS: [Stage, string][] = [
  ['ingest', 'WriteItsOwnLog'],
  ['transform', 'WriteItsOwnLog'],
  ['transform', 'KeepItsDeadLetters'],
  ['load', 'WriteItsOwnLog'],
  ['load', 'ReadTheManifestsOfIngestion'],
  ['load', 'ListTheIngestionBucket'],
  ['reconcile', 'WriteItsOwnLog'],
];

describeDeployed("the roles' rights", () => {
  const { source, warehouse, outputs, log } = deployed as Deployment;
  const iam = new IAMClient({});

  test('suffice to bring the source into the warehouse', async () => {
    await work();
    await expectEqual({ source, warehouse });
  });

  test.each(NEEDED)('are needed: %s fails without %s', async (stage, sid) => {
    const restore = await takeAway(stage, sid);
    try {
      await expect(work()).rejects.toThrow(/access is denied|may not be read/);
    } finally {
      await restore();
    }
  });

  test('suffice again once all of them are given back', async () => {
    await work();
    await expectEqual({ source, warehouse });
  });

  test('to read the age of waiting batches are needed for a metric only: a load without them loads, with a warning', async () => {
    const restore = await takeAway('load', 'ReadTheManifestsOfIngestion');
    await work().finally(restore);
    const { lines } = await readLog(outputs.log_groups.load!);
    const error = expect.objectContaining({ message: expect.stringContaining('access is denied') });
    expect(lines).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'freshness:unknown', error }));
  });

  test('are these and no others', async () => {
    const given: [Stage, string][] = [];
    for (const stage of ['ingest', 'transform', 'load', 'reconcile'] as const) {
      for (const { Sid } of (await readRights(stage)).statements) given.push([stage, Sid]);
    }
    expect(given.sort()).toEqual([...NEEDED, ...OTHERS].sort());
  });

  // One order through all stages and a proof; where nothing is woken, it is invoked.
  async function work(): Promise<void> {
    await source.sql.begin((sql) => addOrder(sql));
    await invokeStage(outputs.functions.ingest);
    const newest = await findNewestBatch(openStore(outputs.buckets.ingestion));
    await invokeStage(outputs.functions.transform);
    const processed = openStore(outputs.buckets.processed);
    await until('the batch is derived', () => findProcessedManifest(processed, newest), { explain: log });
    // The manifest wakes load, too: an invocation that yields to that run neither loads nor fails itself.
    await until(
      'an invocation of load does not yield',
      async () => (await invokeStage(outputs.functions.load)).outcome !== 'yielded',
      { explain: log },
    );
    await invokeStage(outputs.functions.reconcile);
  }

  async function readRights(stage: Stage): Promise<{ role: string; statements: Statement[] }> {
    const { Roles = [] } = await iam.send(new ListRolesCommand({}));
    const role = Roles.find(({ RoleName }) => RoleName === outputs.functions[stage])?.RoleName ?? '';
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName: 'rights' }));
    return { role, statements: JSON.parse(decodeURIComponent(PolicyDocument)).Statement };
  }

  async function writeRights(role: string, Statement: readonly Statement[]): Promise<void> {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: 'rights', PolicyDocument }));
  }

  async function takeAway(stage: Stage, sid: string): Promise<() => Promise<void>> {
    const { role, statements } = await readRights(stage);
    const left = statements.filter(({ Sid }) => Sid !== sid);
    expect(left).toHaveLength(statements.length - 1);
    await writeRights(role, left);
    return () => writeRights(role, statements);
  }
});
