import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const environment = fileURLToPath(new URL('../../../../scripts/deploy/environment.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');
let checkout: string;

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'checkout-'));
  git('init', '--quiet');
  await write('packages/load/src/load.ts', 'one');
  await write('docs/deploy.md', 'one');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'one');
});

afterEach(async () => {
  await rm(checkout, { recursive: true });
});

describe('the version of a checkout', () => {
  test('is its commit while nothing that the zips are made of has changed', async () => {
    await write('docs/deploy.md', 'two');
    await write('terraform/envs/dev.tfvars', 'environment = "dev"');
    await write('packages/load/test/load.test.ts', 'one');
    expect(version()).toMatch(/^[0-9a-f]{12}$/);
  });

  test('changes with each uncommitted edit, so that zips of an earlier edit are detected as stale', async () => {
    const versions = [version()];
    for (const [path, text] of [
      ['packages/load/src/load.ts', 'two'],
      ['packages/load/src/load.ts', 'three'],
      ['packages/load/src/new.ts', 'one'],
      ['packages/load/src/new.ts', 'two'],
      ['pnpm-lock.yaml', 'one'],
    ] as const) {
      await write(path, text);
      versions.push(version());
    }
    expect(new Set(versions).size).toBe(versions.length);
    // What Terraform takes for a version.
    for (const each of versions) expect(each).toMatch(/^[0-9a-f]{12}(-dirty\.[0-9a-f]{8})?$/);
  });

  test('is the same again once the edit is undone', async () => {
    const before = version();
    await write('packages/load/src/load.ts', 'two');
    expect(version()).not.toBe(before);
    await write('packages/load/src/load.ts', 'one');
    expect(version()).toBe(before);
  });

  test('is unknown without git', async () => {
    await rm(join(checkout, '.git'), { recursive: true });
    expect(version()).toBe('unknown');
  });
});

function version(): string {
  const script = `
    import { checkoutVersion } from ${JSON.stringify(environment)};
    process.stdout.write(checkoutVersion(${JSON.stringify(checkout)}));`;
  return run(process.execPath, '--import', tsx, '--input-type=module', '-e', script);
}

function git(...args: string[]): void {
  run('git', ...args);
}

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: checkout, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(checkout, path, '..'), { recursive: true });
  await writeFile(join(checkout, path), text);
}
