import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { type Deployment, deploy, expectDone } from '../aws/deployment.ts';
import { MUTATIONS } from './policy/mutations.ts';
import { findPolicyFaults } from './policy/policy-faults.ts';
import { EVERY_ACTION, expectedRights } from './policy/rights.ts';
import { findSecrets } from './policy/secret-faults.ts';
import { resourcesOf, type State } from './policy/state.ts';

const STAGES = ['ingest', 'transform', 'load', 'reconcile'];
const STACK_LIMIT_MS = 200_000;

const deployed = await deploy({ paused: true });
const describeDeployed = 'missing' in deployed ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in deployed) console.warn(`Skipped, nothing is deployed: ${deployed.missing}`);

afterAll(async () => {
  if (!('missing' in deployed)) await deployed.close();
}, STACK_LIMIT_MS);

test('every rule has a mutation that breaks it', () => {
  const folder = fileURLToPath(new URL('policy/', import.meta.url));
  const sources = readdirSync(folder).filter((file) => file.endsWith('-faults.ts'));
  const text = sources.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const rules = [...text.matchAll(/rule: (?:'([^']+)'|"([^"]+)")/g)].map(([, single, double]) => single ?? double);
  expect(rules.length).toBeGreaterThan(30);
  expect(new Set(MUTATIONS.map(({ rule }) => rule))).toEqual(new Set(rules));
});

// A role within the boundary may do what both allow: what the boundary lacks works by hand, and fails where workflows
// deploy.
test('the boundary allows exactly what the stages do', () => {
  const boundary = fileURLToPath(new URL('../../../../terraform/bootstrap/boundary.tf', import.meta.url));
  const actions = readFileSync(boundary, 'utf8').matchAll(/"([a-z0-9]+:[A-Z][A-Za-z]+)"/g);
  const allowed = new Set([...actions].map(([, action]) => action!).filter((action) => action !== 'kms:ViaService'));
  expect(allowed).toEqual(EVERY_ACTION);
});

describeDeployed('the applied state', () => {
  const { make, source, warehouse, env, state: readState } = deployed as Deployment;
  let state: State;

  beforeAll(async () => {
    state = (await readState()) as State;
  }, STACK_LIMIT_MS);

  test('keeps every rule', () => {
    expect(findPolicyFaults(state)).toEqual([]);
  });

  test(
    'has no secret, nor has a plan or a zip',
    async () => {
      const passwords = [source, warehouse].map(({ url }) => new URL(url).password);
      expect(passwords.every((password) => password.length >= 8)).toBe(true);
      const plan = await expectDone(make('plan', { log_retention_days: 30, paused: false }));
      const texts: Record<string, string> = { state: JSON.stringify(state), plan: plan.stdout };
      for (const stage of STAGES) {
        const zip = await readFile(join(env.ZIPS!, `${stage}.zip`));
        for (const [name, bytes] of Object.entries(unzipSync(new Uint8Array(zip))))
          texts[`${stage}/${name}`] = Buffer.from(bytes).toString('latin1');
      }
      expect(Object.keys(texts)).toHaveLength(2 + 2 * STAGES.length);
      expect(Object.entries(texts).flatMap(([where, text]) => [...findSecrets(text, where, passwords)])).toEqual([]);
    },
    STACK_LIMIT_MS,
  );

  test.each(MUTATIONS)('breaks a rule when $name', ({ mutate, rule }) => {
    const changed = structuredClone(state);
    mutate(changed);
    expect(changed).not.toEqual(state);
    expect(findPolicyFaults(changed).map((fault) => fault.rule)).toContain(rule);
  });

  // Last, as it changes what is deployed. Without endpoints, which need a VPC that is there.
  test(
    'keeps every rule in a VPC, traced and bounded, too',
    async () => {
      const vpc = { id: 'vpc-1', subnet_ids: ['subnet-1'], security_group_ids: ['sg-1'], ssm_endpoint: false };
      await expectDone(make('deploy', { vpc, tracing: true, bounded: true }));
      const changed = (await readState()) as State;
      expect(findPolicyFaults(changed)).toEqual([]);
      expect(expectedRights(changed, 'load')).toHaveLength(expectedRights(state, 'load').length + 6 + 2);
      const boundaries = resourcesOf(changed, 'aws_iam_role').map(({ values }) => values.permissions_boundary);
      expect(new Set(boundaries)).toEqual(new Set(['arn:aws:iam::000000000000:policy/totesys/dev/boundary']));
    },
    STACK_LIMIT_MS,
  );
});
