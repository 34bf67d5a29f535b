import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Deployment, deploy } from '../aws/deployment.ts';
import { applyBootstrap } from './iam/bootstrap.ts';
import { actionsOf, COMMANDS } from './iam/commands.ts';
import { APPLY_MAY_ALL_THE_SAME, APPLY_MAY_NOT, APPLY_NEEDS, PLAN_MAY_NOT, PLAN_NEEDS } from './iam/deploy-calls.ts';
import { bucketName, KEY } from './iam/names.ts';
import { DATA_CALLS, PROVIDER_CALLS } from './iam/provider-calls.ts';
import { type Call, isAllowed, type Policies } from './iam/simulate.ts';
import { forbiddenTo, NEEDED, type Stage } from './iam/stage-calls.ts';
import { resourcesOf, type State } from './policy/state.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const STAGES = ['ingest', 'transform', 'load', 'reconcile'] as const;
const STACK_LIMIT_MS = 200_000;

// All that a stage may have: a VPC, traces, a key of the account's own, and the boundary.
const deployed = await deploy({
  paused: true,
  bounded: true,
  tracing: true,
  secrets_key_arn: KEY,
  vpc: { id: 'vpc-1', subnet_ids: ['subnet-1'], security_group_ids: ['sg-1'], ssm_endpoint: false },
});
const describeDeployed = 'missing' in deployed ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in deployed) console.warn(`Skipped, nothing is deployed: ${deployed.missing}`);

afterAll(async () => {
  if (!('missing' in deployed)) await deployed.close();
}, STACK_LIMIT_MS);

describe('the list of calls', () => {
  test('has every SDK command that the code sends', () => {
    expect(Object.keys(COMMANDS).sort()).toEqual([...commandsIn('packages/*/src', 'scripts')].sort());
  });

  test('has a call for every right that commands of the stages need', () => {
    const tried = new Set(STAGES.flatMap((stage) => NEEDED[stage].map(({ action }) => action)));
    expect(actionsOf('stages').filter((action) => !tried.has(action))).toEqual([]);
    const inStages = commandsIn('packages/{ingest,transform,load,reconcile,lake,runtime,source,columns,schema}/src');
    inStages.delete('DeleteObjectCommand'); // the operator's sweep, which lies in the lake's package and which no stage calls
    expect([...inStages].sort()).toEqual(
      Object.keys(COMMANDS)
        .filter((name) => COMMANDS[name]!.by.includes('stages'))
        .sort(),
    );
  });

  test('has the calls of the provider for every resource type in terraform/', () => {
    const types = (kind: string) =>
      new Set([...readTerraform().matchAll(new RegExp(`^${kind} "(aws_\\w+)"`, 'gm'))].map(([, type]) => type!));
    expect(Object.keys(PROVIDER_CALLS).sort()).toEqual([...types('resource')].sort());
    expect(Object.keys(DATA_CALLS).sort()).toEqual([...types('data')].sort());
  });

  test('has a call for every right that commands of a deployment need', () => {
    const tried = APPLY_NEEDS.map(({ action }) => action);
    expect(actionsOf('deployment').filter((action) => !tried.includes(action))).toEqual([]);
  });
});

describeDeployed('IAM, simulated with boundaries, bucket policies and conditions', () => {
  let state: State;
  let bootstrap: State;

  beforeAll(async () => {
    state = (await (deployed as Deployment).state()) as State;
    bootstrap = await applyBootstrap();
  }, STACK_LIMIT_MS);

  const boundary = () => policyOf(bootstrap, 'aws_iam_policy', ({ path }) => path === '/totesys/dev/');
  const buckets = () =>
    Object.fromEntries(resourcesOf(state, 'aws_s3_bucket_policy').map(({ values }) => [values.bucket, values.policy]));
  const stageRole = (stage: Stage): Policies => {
    const role = resourcesOf(state, 'aws_iam_role').find(({ values }) => values.name === `totesys-dev-${stage}`)!;
    expect(role.values.permissions_boundary).toMatch(/:policy\/totesys\/dev\/boundary$/);
    const identity = [policyOf(state, 'aws_iam_role_policy', (values) => values.role === role.values.name)];
    return { role: role.values.arn, identity, boundary: boundary(), buckets: buckets() };
  };
  const deployRole = (name: string): Policies => {
    const { values } = resourcesOf(bootstrap, 'aws_iam_role').find((role) => role.values.name === name)!;
    const identity = [policyOf(bootstrap, 'aws_iam_role_policy', (policy) => policy.role === name)];
    return { role: values.arn, identity, buckets: buckets() };
  };

  test.each(STAGES)('%s may do all that it does', async (stage) => {
    expect(await whichAre(false, stageRole(stage), NEEDED[stage])).toEqual([]);
  });

  test.each(STAGES)('%s may do nothing else: other buckets, overwriting, deleting, other parameters', async (stage) => {
    expect(await whichAre(true, stageRole(stage), forbiddenTo(stage))).toEqual([]);
  });

  test.each(STAGES)('the boundary alone keeps %s with every right within its environment', async (stage) => {
    const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    const unbound = { ...stageRole(stage), identity: [all] };
    const outside = forbiddenTo(stage).filter(
      ({ action, resource }) =>
        /prod|totesys-state|totesys-ci/.test(resource) ||
        /^(iam|sts|lambda):|Delete|PutParameter|Encrypt|Receive/.test(action),
    );
    expect(outside.length).toBeGreaterThan(15);
    expect(await whichAre(true, unbound, outside)).toEqual([]);
  });

  test('a bucket refuses overwriting and plain HTTP, even to a role with every right', async () => {
    const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
    const operator = { role: stageRole('load').role, identity: [all], buckets: buckets() };
    expect(Object.keys(buckets())).toEqual([bucketName('dev', 'ingestion'), bucketName('dev', 'processed')]);
    const writes = NEEDED.transform.filter(({ action }) => action === 's3:PutObject');
    const context = { 's3:ObjectCreationOperation': 'true' };
    expect(await whichAre(false, operator, writes)).toEqual([]);
    expect(
      await whichAre(
        true,
        operator,
        writes.map((call) => ({ ...call, context })),
      ),
    ).toEqual([]);
    const plain = writes.map((call) => ({ ...call, context: { ...call.context, 'aws:SecureTransport': 'false' } }));
    expect(await whichAre(true, operator, plain)).toEqual([]);
  });

  test('the role of pull requests may plan, and see neither rows nor URLs', async () => {
    const role = deployRole('totesys-plan');
    expect(await whichAre(false, role, PLAN_NEEDS)).toEqual([]);
    expect(await whichAre(true, role, PLAN_MAY_NOT)).toEqual([]);
  });

  test('the role that deploys dev may deploy it, and no other environment, role without the boundary or endpoint', async () => {
    const role = deployRole('totesys-apply-dev');
    expect(await whichAre(false, role, APPLY_NEEDS)).toEqual([]);
    expect(await whichAre(true, role, APPLY_MAY_NOT)).toEqual([]);
  });

  test('the plan role may make the read calls of the provider, and the apply role all of its calls', async () => {
    const kinds = Object.values(PROVIDER_CALLS);
    const seen = [...kinds.flatMap(({ sees }) => sees), ...Object.values(DATA_CALLS).flat()];
    expect(await whichAre(false, deployRole('totesys-plan'), seen)).toEqual([]);
    const all = [...seen, ...kinds.flatMap(({ changes }) => changes)];
    expect(await whichAre(false, deployRole('totesys-apply-dev'), all)).toEqual([]);
  });

  test('the ADR lists what the apply role may do to its own environment', async () => {
    expect(await whichAre(false, deployRole('totesys-apply-dev'), APPLY_MAY_ALL_THE_SAME)).toEqual([]);
    const adr = readFileSync(join(ROOT, 'docs/decisions/0013-deployments-create-roles-within-a-boundary.md'), 'utf8');
    const limits = adr.slice(adr.indexOf('## What it does not prevent'));
    for (const { says } of APPLY_MAY_ALL_THE_SAME) expect(limits).toContain(says);
  });
});

// The calls of which the decision is as said.
async function whichAre(allowed: boolean, policies: Policies, calls: readonly Call[]): Promise<string[]> {
  expect(calls.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const call of calls) {
    if ((await isAllowed(policies, call)) === allowed)
      found.push(`${call.action} ${call.resource} ${JSON.stringify(call.context ?? {})}`);
  }
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: what a resource has depends on its type.
function policyOf(state: State, type: string, matches: (values: Record<string, any>) => boolean): string {
  const { policy } = resourcesOf(state, type).find(({ values }) => matches(values))!.values;
  return decodeURIComponent(policy);
}

// The commands that files below these folders name; `{a,b}` and `*` as a shell has them.
function commandsIn(...patterns: readonly string[]): Set<string> {
  const packages = readdirSync(join(ROOT, 'packages'));
  const folders = patterns.flatMap((pattern) => {
    const [, names, below] = /^packages\/(\*|\{[^}]+\})\/(.+)$/.exec(pattern) ?? [];
    if (names === undefined) return [pattern];
    return (names === '*' ? packages : names.slice(1, -1).split(',')).map((name) => `packages/${name}/${below}`);
  });
  const text = folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap(readAll)
    .join('\n');
  return new Set([...text.matchAll(/\bnew (?:[a-z]+\.)?([A-Z]\w+Command)\(/g)].map(([, name]) => name!));
}

// The root and its modules; what the bootstrap makes, its operator makes.
function readTerraform(): string {
  const files = readdirSync(join(ROOT, 'terraform'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /\.tf$/.test(file) && !/^bootstrap|\.terraform/.test(file))
    .map((file) => readFileSync(join(ROOT, 'terraform', file), 'utf8'))
    .join('\n');
}

function readAll(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /\.m?[tj]s$/.test(file)).map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
}
