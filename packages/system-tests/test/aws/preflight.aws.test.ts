import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startEmulatedAccount } from './emulated-account.ts';
import { runProgram } from './run-program.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const URLS = 'postgres://reader:hunter2@source/totesys\npostgres://owner:hunter3@warehouse/warehouse\n';

const account = await startEmulatedAccount();
const describeOnAws = account.isMissing ? describe.skip : describe;
let empty: string;

beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), 'no-zips-'));
});

afterAll(async () => {
  await rm(empty, { recursive: true });
});

describeOnAws('before anything is deployed', () => {
  const env = account.env;
  const run = (script: string, args: readonly string[], input?: string, further: Record<string, string> = {}) =>
    runProgram(process.execPath, ['--import', 'tsx', `scripts/${script}.ts`, ...args], {
      cwd: ROOT,
      env: { ...env, ZIPS: empty, TERRAFORM: '/nowhere/terraform', ...further },
      ...(input === undefined ? {} : { input }),
    });

  test('everything that is missing is reported at once, each with its remedy', async () => {
    const { status, stderr, stdout } = await run('deploy', ['deploy', 'dev']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('dev is not ready; 4 things are missing:');
    expect(stderr).toMatch(/terraform: '\/nowhere\/terraform' does not run\. Install 1\.11/);
    expect(stderr).toMatch(/zips: ingest\.zip, transform\.zip, load\.zip, reconcile\.zip .*Run: make build/);
    expect(stderr).toMatch(/state: bucket totesys-state-000000000000-eu-west-2 cannot be used .*terraform\/bootstrap/);
    expect(stderr).toMatch(
      /secrets: no SecureString \/totesys\/dev\/source-url and \/totesys\/dev\/warehouse-url .*make secrets ENV=dev/,
    );
  });

  test('a plan works without the secrets, with a warning', async () => {
    const { stderr } = await run('deploy', ['plan', 'dev']);
    expect(stderr).toMatch(/^warning: secrets: no SecureString/m);
    expect(stderr).toContain('3 things are missing');
  });

  test('rejected credentials are reported with the other faults', async () => {
    const { status, stderr } = await run('deploy', ['plan', 'dev'], undefined, {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('credentials: none that AWS accepts');
  });

  test('an unknown environment is a wrong call', async () => {
    const { status, stderr } = await run('deploy', ['plan', 'demo']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('expected one of dev, prod') });
  });

  test('prod is not destroyed', async () => {
    const { status, stderr } = await run('deploy', ['destroy', 'prod'], undefined, { YES: '1' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('prod is not destroyed') });
  });

  test('secrets are read from standard input, stored as SecureStrings, and not printed', async () => {
    const { status, stdout, stderr } = await run('secrets', ['dev'], URLS);
    expect(status).toBe(0);
    expect(stdout + stderr).not.toContain('hunter');
    for (const [name, line] of [
      ['source', 0],
      ['warehouse', 1],
    ] as const) {
      const { Parameter } = await new SSMClient({}).send(
        new GetParameterCommand({ Name: `/totesys/dev/${name}-url`, WithDecryption: true }),
      );
      expect(Parameter).toMatchObject({ Type: 'SecureString', Value: URLS.split('\n')[line] });
    }
    expect((await run('deploy', ['deploy', 'dev'])).stderr).not.toContain('secrets:');
  });

  test.each([
    ['as an argument', ['dev', 'postgres://u:hunter2@h/d'], ''],
    ['that are too few', ['dev'], 'postgres://u:hunter2@h/d\n'],
    ['that are no URLs', ['dev'], 'hunter2\nhunter3\n'],
  ])('secrets %s are refused and not repeated', async (_, args, input) => {
    const { status, stdout, stderr } = await run('secrets', args, input);
    expect(status).toBe(2);
    expect(stdout + stderr).not.toContain('hunter');
  });
});
