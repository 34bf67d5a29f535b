import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../aws/run-program.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const REVIEWERS = { type: 'required_reviewers', reviewers: [{ type: 'User', reviewer: { login: 'on-call' } }] };
const BRANCHES = { protected_branches: false, custom_branch_policies: true };

const judge = (input: string) =>
  runProgram(process.execPath, ['scripts/deploy/require-reviewers.mjs', 'prod'], { cwd: ROOT, input });

test('prod is deployed where a reviewer has to approve it', async () => {
  const environment = { protection_rules: [{ type: 'branch_policy' }, REVIEWERS], deployment_branch_policy: BRANCHES };
  expect(await judge(JSON.stringify(environment))).toEqual({ status: 0, stdout: '', stderr: '' });
});

test.each([
  ['no protection rule', { protection_rules: [], deployment_branch_policy: BRANCHES }, 'no required reviewers'],
  [
    'a wait timer alone',
    { protection_rules: [{ type: 'wait_timer', wait_timer: 30 }], deployment_branch_policy: BRANCHES },
    'no required reviewers',
  ],
  [
    'a rule without reviewers',
    { protection_rules: [{ type: 'required_reviewers', reviewers: [] }], deployment_branch_policy: BRANCHES },
    'no required reviewers',
  ],
  ['any branch', { protection_rules: [REVIEWERS], deployment_branch_policy: null }, 'takes jobs of any branch'],
  [
    'protected branches, of which there may be none',
    {
      protection_rules: [REVIEWERS],
      deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
    },
    'expected main alone',
  ],
])('prod is refused with %s', async (_, environment, fault) => {
  const { status, stderr } = await judge(JSON.stringify(environment));
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(fault) });
});

test.each(['', 'gh: Not Found (HTTP 404)', '{"message":"Not Found"}'])(
  'prod is refused where its rules cannot be read: %j',
  async (answer) => {
    const { status, stderr } = await judge(answer);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/no environment 'prod' with protection rules/),
    });
  },
);

describe('the workflows', () => {
  const read = (name: string) => readFile(`${ROOT}/.github/workflows/${name}.yml`, 'utf8');

  test('read the rules of prod before they take its role', async () => {
    const deploy = await read('deploy');
    const prod = deploy.slice(deploy.indexOf('\n  prod:'));
    const [checks, takes] = ['require-reviewers.mjs prod', 'configure-aws-credentials'].map((step) =>
      prod.indexOf(step),
    );
    expect(checks).toBeGreaterThan(0);
    expect(takes).toBeGreaterThan(checks!);
  });

  test('plan each environment with a role of its own, where it has one', async () => {
    const ci = await read('ci');
    for (const environment of ['dev', 'prod']) {
      const role = `vars.AWS_PLAN_ROLE_ARN_${environment.toUpperCase()} || vars.AWS_PLAN_ROLE_ARN }}`;
      expect(ci).toContain(`{ environment: ${environment}, role: "\${{ ${role}" }`);
    }
    expect(await read('deploy')).toContain('vars.AWS_PLAN_ROLE_ARN_PROD || vars.AWS_PLAN_ROLE_ARN }}');
    // Without a role for prod its plan is left out, and with it prod; dev is deployed all the same.
    const deploy = await read('deploy');
    const plan = deploy.slice(deploy.indexOf('\n  plan:'), deploy.indexOf('\n  prod:'));
    expect(plan).toContain("if: vars.AWS_PLAN_ROLE_ARN != '' || vars.AWS_PLAN_ROLE_ARN_PROD != ''\n");
    for (const text of [ci, await read('deploy')])
      expect(text).not.toMatch(/role-to-assume: \$\{\{ vars\.AWS_PLAN_ROLE_ARN \}\}/);
  });
});
