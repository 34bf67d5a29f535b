import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { openTerraform, startMinistack } from '@totesys/sandbox';
import { unzipSync } from 'fflate';
import { buildZips } from '../built-zips.ts';
import { MUTATIONS } from './policy/mutations.ts';
import { findPolicyFaults } from './policy/policy-faults.ts';
import { expectedRights } from './policy/rights.ts';
import { findSecrets } from './policy/secret-faults.ts';
import { resourcesOf, type State } from './policy/state.ts';

const PASSWORD = 'correct-horse-battery-staple';

const built = await buildZips();
const ministack = await startMinistack();
const terraform =
  'missing' in ministack
    ? ministack
    : await openTerraform(ministack.env, { environment: 'dev', code_version: 'test', zips: built.zips });
const describeOnAws = 'missing' in terraform ? describe.skip : describe;
// biome-ignore lint/suspicious/noConsole: a skipped suite says why.
if ('missing' in terraform) console.warn(`Skipped, terraform is not applied: ${terraform.missing}`);
const before = { ...process.env };

afterAll(async () => {
  process.env = before;
  await rm(built.folder, { recursive: true });
  if (!('missing' in terraform)) await terraform.remove();
  if (!('missing' in ministack)) await ministack.stop();
});

describeOnAws('the applied state', () => {
  let state: State;
  let plan: string;

  beforeAll(async () => {
    if ('missing' in ministack || 'missing' in terraform) return;
    Object.assign(process.env, ministack.env);
    for (const name of ['source', 'warehouse']) {
      const Value = `postgres://totesys:${PASSWORD}@127.0.0.1/${name}`;
      await new SSMClient({}).send(
        new PutParameterCommand({ Name: `/totesys/dev/${name}-url`, Value, Type: 'SecureString' }),
      );
    }
    plan = (await terraform.plan()).output;
    await terraform.apply();
    state = (await terraform.state()) as State;
  });

  test('keeps every rule', () => {
    expect(findPolicyFaults(state)).toEqual([]);
  });

  test('has no secret, nor has the plan or a zip', async () => {
    const texts = { state: JSON.stringify(state), plan };
    for (const [stage, path] of Object.entries(built.zips)) {
      for (const [name, bytes] of Object.entries(unzipSync(new Uint8Array(await readFile(path))))) {
        Object.assign(texts, { [`${stage}/${name}`]: Buffer.from(bytes).toString('latin1') });
      }
    }
    expect(Object.keys(texts)).toHaveLength(2 + 3 * 2);
    expect(Object.entries(texts).flatMap(([where, text]) => [...findSecrets(text, where, [PASSWORD])])).toEqual([]);
  });

  test.each(MUTATIONS)('breaks a rule when $name', ({ mutate, rule }) => {
    const changed = structuredClone(state);
    mutate(changed);
    expect(changed).not.toEqual(state);
    expect(findPolicyFaults(changed).map((fault) => fault.rule)).toContain(rule);
  });

  // Last, as it changes what is deployed. Without endpoints, which need a VPC that is there.
  test('keeps every rule in a VPC, traced and bounded, too', async () => {
    if ('missing' in terraform) return;
    const vpc = { id: 'vpc-1', subnet_ids: ['subnet-1'], security_group_ids: ['sg-1'], ssm_endpoint: false };
    const variables = { vpc, tracing: true, bounded: true };
    await writeFile(join(terraform.folder, 'in-vpc.auto.tfvars.json'), JSON.stringify(variables));
    await terraform.apply();
    const changed = (await terraform.state()) as State;
    expect(findPolicyFaults(changed)).toEqual([]);
    expect(expectedRights(changed, 'load')).toHaveLength(expectedRights(state, 'load').length + 4 + 2);
    const boundaries = resourcesOf(changed, 'aws_iam_role').map(({ values }) => values.permissions_boundary);
    expect(new Set(boundaries)).toEqual(new Set(['arn:aws:iam::000000000000:policy/totesys/dev/boundary']));
  });
});
