import { appendFile, chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expectDone } from './deployment.ts';
import { startEmulatedAccount } from './emulated-account.ts';
import { runProgram } from './run-program.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const LIMIT_MS = 240_000;
const BUNDLE = `
  import { mkdir } from 'node:fs/promises';
  import { bundleStages } from './scripts/bundle.ts';
  await mkdir('build', { recursive: true });
  await bundleStages('build');`;
/** Records its arguments and does nothing. */
const TERRAFORM = `#!/bin/sh
if [ "$1" = version ]; then echo "Terraform v1.12.0"; exit; fi
echo "$*" >> "$(dirname "$0")/calls"
`;

const account = await startEmulatedAccount();
const testOnAws = account.isMissing ? test.skip : test;
let folder: string;

beforeAll(async () => {
  if (account.isMissing) return;
  await mkdir(join(ROOT, 'build'), { recursive: true });
  folder = await mkdtemp(join(ROOT, 'build/checkouts-'));
  await new S3Client({}).send(
    new CreateBucketCommand({
      Bucket: 'totesys-state-000000000000-eu-west-2',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-2' },
    }),
  );
});

afterAll(async () => {
  if (account.isMissing) return;
  await rm(folder, { recursive: true });
});

testOnAws(
  'checkouts of the same code in other folders and at other commits plan the same, and other code does not',
  async () => {
    const laptop = await checkOut('laptop', 'feat: one');
    const runner = await checkOut('runner/deeper/totesys', 'Merge pull request #2');
    const [here, there] = [await plan(laptop), await plan(runner)];
    expect(here.commit).not.toBe(there.commit);
    expect(here.variables).toEqual(there.variables);
    expect(here.variables.join(' ')).not.toContain(folder);

    await appendFile(join(runner, 'packages/load/src/index.ts'), "\nglobalThis.process.title = 'load';\n");
    const changed = await plan(runner);
    expect(changed.variables).not.toEqual(there.variables);
  },
  LIMIT_MS,
);

// A checkout with all that the zips are made of, and its own commit.
async function checkOut(name: string, message: string): Promise<string> {
  const checkout = join(folder, name);
  const isCode = (path: string) => !/^(dist|test|build)$/.test(path.split(sep).at(-1)!);
  await cp(join(ROOT, 'packages'), join(checkout, 'packages'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: isCode,
  });
  for (const part of ['scripts', 'terraform/envs', 'pnpm-lock.yaml', 'package.json'])
    await cp(join(ROOT, part), join(checkout, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  await writeFile(join(checkout, 'terraform.sh'), TERRAFORM);
  await chmod(join(checkout, 'terraform.sh'), 0o755);
  await writeFile(join(checkout, '.gitignore'), 'node_modules\nbuild\ncalls\n');
  const git = (...args: string[]) => expectDone(runProgram('git', args, { cwd: checkout }));
  await git('init', '--quiet');
  await git('add', '.');
  await git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', message);
  return checkout;
}

// Builds the zips and plans; returns the variables that Terraform gets, and the commit.
async function plan(checkout: string): Promise<{ commit: string; variables: string[] }> {
  const env = account.env;
  const run = (...args: string[]) =>
    expectDone(
      runProgram(process.execPath, args, {
        cwd: checkout,
        env: { ...env, TERRAFORM: join(checkout, 'terraform.sh') },
      }),
    );
  await run('--import', 'tsx', '--input-type=module', '-e', BUNDLE);
  await run('--import', 'tsx', 'scripts/deploy.ts', 'plan', 'dev');
  const call = (await readFile(join(checkout, 'calls'), 'utf8')).trim().split('\n').at(-1)!;
  const commit = (await readFile(join(checkout, 'build/code-version'), 'utf8')).trim();
  return { commit, variables: call.split(' ').filter((argument) => argument.startsWith('-var')) };
}
