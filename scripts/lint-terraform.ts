// Checks terraform/: its format, then each root and module by itself (validate, and its tests with a mocked provider),
// then tflint and checkov.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonTool } from './python-tool.ts';

/** Pinned, so that the check of a pull request does not change by itself. */
const CHECKOV = '3.3.30';

/** A fault of terraform/, or a missing tool. */
class Fault extends Error {}

const root = fileURLToPath(new URL('..', import.meta.url));
const build = join(root, 'build');
const program = process.env.TERRAFORM || 'terraform';
const environment = {
  ...process.env,
  TF_IN_AUTOMATION: '1',
  CHECKPOINT_DISABLE: '1',
  TF_PLUGIN_CACHE_DIR: join(build, 'terraform-plugins'),
  TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
};
await mkdir(environment.TF_PLUGIN_CACHE_DIR, { recursive: true });

// Works in a copy, so that no data folder or lock file is left beside the modules.
const copy = await mkdtemp(join(build, 'terraform-lint-'));
try {
  await cp(join(root, 'terraform'), copy, {
    recursive: true,
    filter: (path) => !/^\.terraform$|\.tfstate/.test(basename(path)),
  });
  terraform('terraform is not formatted. Run: terraform fmt -recursive terraform', copy, 'fmt', '-check', '-recursive');
  for (const folder of await findModules(copy)) check(folder);
  tflint();
  checkov();
} catch (fault) {
  if (!(fault instanceof Fault)) throw fault;
  process.stderr.write(`${fault.message.trim()}\n`);
  process.exitCode = 1;
} finally {
  await rm(copy, { recursive: true, force: true });
}

async function findModules(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  const modules = entries.filter((path) => basename(path) === 'versions.tf').map((path) => join(folder, path, '..'));
  if (modules.length === 0) fail('There are no modules below terraform/: the check has nothing to look at.');
  return modules.sort();
}

function check(folder: string): void {
  const name = join('terraform', relative(copy, folder));
  terraform(`${name} cannot be initialised; its output is above.`, folder, 'init', '-backend=false', '-no-color');
  terraform(`${name} is not valid.`, folder, 'validate', '-no-color');
  const said = terraform(`${name}: a test failed.`, folder, 'test', '-no-color');
  const [, passed] = /(\d+) passed, 0 failed/.exec(said) ?? [];
  if (!(Number(passed) > 0)) fail(`${name} has no tests: expected some in its folder tests.`);
  process.stdout.write(`${name}: valid, ${passed} tests passed\n`);
}

function terraform(fault: string, folder: string, ...args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(program, [`-chdir=${folder}`, ...args], {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
    fail(`There is no ${program}: install Terraform 1.11 or newer, or name it in TERRAFORM.`);
  if (status !== 0) fail(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n${fault}`);
  return stdout;
}

// No package registry has this program. GitHub's jobs install it; elsewhere it is optional.
function tflint(): void {
  const { error } = spawnSync('tflint', ['--version']);
  if (error && process.env.GITHUB_ACTIONS === 'true') fail("tflint is not installed: GitHub's jobs must not skip it.");
  if (error) {
    process.stdout.write('tflint is not installed: skipped\n');
    return;
  }
  const args = ['--recursive', `--chdir=${copy}`, `--config=${join(copy, '.tflint.hcl')}`];
  run('tflint found something: fix it, or suppress it in place with its reason.', 'tflint', ...args);
  process.stdout.write('tflint: nothing found\n');
}

function checkovPrograms(): string {
  try {
    return pythonTool('checkov', CHECKOV);
  } catch (error) {
    return fail((error as Error).message);
  }
}

function checkov(): void {
  const args = ['--directory', copy, '--framework', 'terraform', '--quiet', '--compact', '--skip-download'];
  const said = run(
    'checkov found something: fix it, or suppress it in place with its reason.',
    join(checkovPrograms(), 'python'),
    '-m',
    'checkov.main',
    ...args,
  );
  const [counts] = /Passed checks: \d+, Failed checks: \d+, Skipped checks: \d+/.exec(said) ?? [];
  if (counts === undefined) fail(`${said}\ncheckov reported no counts.`);
  process.stdout.write(`checkov ${CHECKOV}: ${counts}\n`);
}

function run(fault: string, command: string, ...args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (error || status !== 0) fail(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n${fault}`);
  return stdout;
}

function fail(message: string): never {
  throw new Fault(message);
}
