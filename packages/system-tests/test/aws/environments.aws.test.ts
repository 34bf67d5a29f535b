import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expectDone } from './deployment.ts';
import { startEmulatedAccount } from './emulated-account.ts';
import { runProgram } from './run-program.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const URLS = 'postgres://reader:hunter2@source/totesys\npostgres://owner:hunter3@warehouse/warehouse\n';
const KEY = 'arn:aws:kms:eu-west-1:000000000000:key/00000000-0000-0000-0000-000000000000';
/** Records its arguments, and does nothing. */
const TERRAFORM = `#!/bin/sh
if [ "$1" = version ]; then echo "Terraform v\${TERRAFORM_VERSION:-1.12.0}"; exit; fi
if [ "$2" = output ]; then cat "$(dirname "$0")/outputs"; fi
if [ "$2" = show ]; then cat "$(dirname "$0")/planned"; fi
if [ "$2" = destroy ]; then
  read -r times error < "$(dirname "$0")/destroys"
  if [ "$times" -gt 0 ]; then
    echo "$((times - 1)) $error" > "$(dirname "$0")/destroys"
    echo "$TF_DATA_DIR $AWS_REGION $*" >> "$(dirname "$0")/calls"
    echo "Error: $error" >&2
    case "$error" in *Ctrl-C*) kill -INT "$PPID" ;; esac
    exit 1
  fi
fi
echo "$TF_DATA_DIR $AWS_REGION $*" >> "$(dirname "$0")/calls"
`;

const account = await startEmulatedAccount();
const describeOnAws = account.isMissing ? describe.skip : describe;
let checkout: string;

// A checkout as far as the scripts see one, with an environment more: another project, another region.
beforeAll(async () => {
  if (account.isMissing) return;
  await mkdir(join(ROOT, 'build'), { recursive: true });
  checkout = await mkdtemp(join(ROOT, 'build/checkout-'));
  await cp(join(ROOT, 'scripts'), join(checkout, 'scripts'), { recursive: true });
  await cp(join(ROOT, 'terraform/envs'), join(checkout, 'terraform/envs'), { recursive: true });
  const variables = `environment = "stage"\nproject     = "acme"\nregion      = "eu-west-1" # Dublin\n\nsecrets_key_arn = "${KEY}"\n`;
  await writeFile(join(checkout, 'terraform/envs/stage.tfvars'), variables);
  await writeFile(
    join(checkout, 'terraform/envs/other.tfvars'),
    'environment = "other"\naccount_id = "123456789012"\n',
  );
  await writeFile(join(checkout, 'terraform/envs/other.s3.tfbackend'), 'key = "other/terraform.tfstate"\n');
  await writeFile(
    join(checkout, 'terraform/envs/trial.tfvars'),
    'environment = "trial"\nproject = "acme"\nregion = "eu-west-1"\nforce_destroy = true\nhints = "slot"\n',
  );
  await writeFile(join(checkout, 'terraform/envs/trial.s3.tfbackend'), 'key = "trial/terraform.tfstate"\n');
  await writeFile(join(checkout, 'terraform/envs/stage.s3.tfbackend'), 'key = "stage/terraform.tfstate"\n');
  await mkdir(join(checkout, 'build'));
  for (const stage of ['ingest', 'transform', 'load', 'reconcile'])
    await writeFile(join(checkout, `build/${stage}.zip`), '');
  await writeFile(join(checkout, 'terraform.sh'), TERRAFORM);
  await chmod(join(checkout, 'terraform.sh'), 0o755);
  await new S3Client({ region: 'eu-west-1' }).send(
    new CreateBucketCommand({
      Bucket: 'acme-state-000000000000-eu-west-1',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
});

afterAll(async () => {
  if (account.isMissing) return;
  await rm(checkout, { recursive: true });
});

describeOnAws('an environment is two files', () => {
  const env = account.env;
  const run = (script: string, args: readonly string[], further: Record<string, string> = {}, input = '') =>
    runProgram(process.execPath, ['--import', 'tsx', `scripts/${script}.ts`, ...args], {
      cwd: checkout,
      env: { ...env, TERRAFORM: join(checkout, 'terraform.sh'), ...further },
      input,
    });
  const calls = async () => {
    const text = await readFile(join(checkout, 'calls'), 'utf8');
    await rm(join(checkout, 'calls'));
    return text.trim().split('\n');
  };

  test('its secrets have its names, in its region, encrypted with the key that its functions may use', async () => {
    await expectDone(run('secrets', ['stage'], {}, URLS));
    const { Parameters = [] } = await new SSMClient({ region: 'eu-west-1' }).send(new DescribeParametersCommand({}));
    expect(Parameters.map(({ Name, KeyId }) => ({ Name, KeyId }))).toEqual([
      { Name: '/acme/stage/source-url', KeyId: KEY },
      { Name: '/acme/stage/warehouse-url', KeyId: KEY },
    ]);
  });

  test('credentials of another account are refused, whatever that account contains', async () => {
    const { status, stderr } = await run('deploy', ['deploy', 'other'], { YES: '1' });
    expect({ status, stderr: stderr.trim().split('\n') }).toEqual({
      status: 1,
      stderr: [
        'other is not ready; one thing is missing:',
        expect.stringMatching(
          /account: the credentials are of 000000000000, but terraform\/envs\/other\.tfvars is for 123456789012/,
        ),
      ],
    });
  });

  test('its state is in the bucket that bootstrap made, and no data of another environment is reachable', async () => {
    await expectDone(run('deploy', ['plan', 'stage'], { LOCK: '0', PLAN: 'build/plans/stage.tfplan' }));
    expect(existsSync(join(checkout, 'build/plans'))).toBe(true);
    const folder = join(checkout, 'terraform');
    const [init, plan, ...more] = await calls();
    expect(more).toEqual([]);
    expect(init).toBe(
      `.terraform/stage eu-west-1 -chdir=${folder} init -input=false -no-color -reconfigure ` +
        '-backend-config=envs/stage.s3.tfbackend -backend-config=bucket=acme-state-000000000000-eu-west-1 ' +
        '-backend-config=region=eu-west-1',
    );
    expect(plan).toMatch(
      / plan -input=false -no-color -lock=false -var-file=envs\/stage\.tfvars -var=code_version=\S+ /,
    );
    expect(plan).toMatch(new RegExp(` -out=${checkout}/build/plans/stage\\.tfplan$`));
  });

  test('zips older than the code, and a Terraform that is too old, are reported with their remedy', async () => {
    await writeFile(join(checkout, 'build/code-version'), 'v1-dirty.01234567\n');
    const old = await run('deploy', ['plan', 'stage'], { TERRAFORM_VERSION: '1.10.5' });
    await rm(join(checkout, 'build/code-version'));
    expect(old.status).toBe(1);
    expect(old.stderr).toContain('2 things are missing');
    expect(old.stderr).toContain('Terraform v1.10 is too old: expected 1.11 or newer');
    expect(old.stderr).toMatch(/zips: those in \S+ are of v1-dirty\.01234567, the checkout is \S+\. Run: make build/);
  });

  describe('a plan that was approved', () => {
    const apply = async (variables: Record<string, { value: string }>) => {
      await writeFile(join(checkout, 'planned'), JSON.stringify({ variables }));
      return run('deploy', ['deploy', 'stage'], { PLAN: 'build/stage.tfplan' });
    };
    // Of three empty zips.
    const code_version = { value: createHash('sha256').digest('hex').slice(0, 12) };

    test('is applied as it is, without any variable', async () => {
      const { status, stdout } = await apply({ environment: { value: 'stage' }, code_version });
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining(code_version.value) });
      const [, show, applied] = await calls();
      expect(show).toMatch(/ show -json -no-color \S+\/build\/stage\.tfplan$/);
      expect(applied).toMatch(/ apply -input=false -no-color \S+\/build\/stage\.tfplan$/);
    });

    test.each([
      [
        'another environment',
        { environment: { value: 'trial' }, code_version },
        /is a plan of trial: expected one of stage/,
      ],
      [
        'other zips than those that are here',
        { environment: { value: 'stage' }, code_version: { value: '0123456789ab' } },
        /is a plan of code version 0123456789ab, but the zips in .* are of .*make plan ENV=stage PLAN=build\/stage/,
      ],
    ])('is refused where it is of %s', async (_, variables, fault) => {
      const { status, stderr } = await apply(variables);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(fault) });
      expect((await calls()).filter((line) => line.includes(' apply '))).toEqual([]);
    });
  });

  test('a smoke check reports what is missing in one sentence', async () => {
    await writeFile(join(checkout, 'outputs'), '{}');
    const smoke = async (further: Record<string, string> = {}) => {
      const { status, stdout, stderr } = await run('smoke', ['stage'], further);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      return stderr.trim().split('\n');
    };
    expect(await smoke()).toEqual(['stage has no outputs: it has not been deployed. Run: make deploy ENV=stage']);
    const nowhere = await smoke({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    expect(nowhere).toEqual([
      'stage is not ready; one thing is missing:',
      expect.stringContaining('credentials: none that AWS accepts'),
    ]);
    await writeFile(
      join(checkout, 'outputs'),
      JSON.stringify({ functions: { value: { ingest: 'acme-stage-ingest' } } }),
    );
    expect(await smoke()).toEqual([
      expect.stringMatching(
        /^acme-stage-ingest cannot be invoked \(ResourceNotFoundException: .*lambda:InvokeFunction\.$/,
      ),
    ]);
    await calls();
  });

  test('it is not destroyed while its buckets are kept', async () => {
    const { status, stderr } = await run('deploy', ['destroy', 'stage'], { YES: '1' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('stage keeps its lake') });
    await expect(calls()).rejects.toThrow('ENOENT');
  });

  describe('a destroy during a run in progress', () => {
    const NOT_EMPTY = 'deleting S3 Bucket (acme-trial-ingestion): api error BucketNotEmpty: it is not empty';
    const destroy = async (destroys: string, further: Record<string, string> = {}) => {
      await writeFile(join(checkout, 'destroys'), `${destroys}\n`);
      return run('deploy', ['destroy', 'trial'], { DESTROY_WAIT_SECONDS: '60', ...further });
    };

    test('continues until the run has ended, and is approved once', async () => {
      const { status, stderr } = await destroy(`12 ${NOT_EMPTY}`, { DESTROY_WAIT_SECONDS: '12.8' });
      const destroys = (await calls()).filter((line) => line.includes(' destroy '));
      expect({ status, approved: destroys.map((line) => line.endsWith(' -auto-approve')) }).toEqual({
        status: 0,
        approved: [false, ...Array(12).fill(true)],
      });
      expect(stderr.match(/a run in progress still writes/g)).toHaveLength(12);
      expect(stderr).not.toContain('Warning');
      expect(stderr.match(/Its source keeps WAL .* run the SQL of: totesys hints remove/g)).toHaveLength(1);
    });

    test('ends by its own time limit if another writer fills the bucket', async () => {
      const { status, stderr } = await destroy(`1000000 ${NOT_EMPTY}`, { DESTROY_WAIT_SECONDS: '0.2' });
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('expected no other writer') });
      await calls();
    });

    test('does not try again after Ctrl-C during Terraform', async () => {
      const { status, stderr } = await destroy(`2 Ctrl-C, and ${NOT_EMPTY}`);
      expect({ status, stderr }).toEqual({ status: 130, stderr: expect.stringContaining('was interrupted') });
      expect((await calls()).filter((line) => line.includes(' destroy '))).toHaveLength(1);
    });

    test('ends at once on Ctrl-C while it waits', async () => {
      await writeFile(join(checkout, 'destroys'), `2 ${NOT_EMPTY}\n`);
      const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/deploy.ts', 'destroy', 'trial'], {
        cwd: checkout,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, TERRAFORM: join(checkout, 'terraform.sh'), DESTROY_WAIT_SECONDS: '64000' },
      });
      try {
        const ended = once(child, 'exit');
        for await (const chunk of child.stderr) if (String(chunk).includes('still writes')) child.kill('SIGINT');
        expect(await ended).toEqual([130, null]);
      } finally {
        child.kill('SIGKILL');
      }
      await calls();
    });

    test('does not try again after another failure', async () => {
      const { status, stderr } = await destroy('1 api error AccessDenied: no');
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('AccessDenied') });
      expect((await calls()).filter((line) => line.includes(' destroy '))).toHaveLength(1);
    });
  });

  test('without project and region, it uses those of terraform/variables.tf', async () => {
    const variables = await readFile(join(ROOT, 'terraform/variables.tf'), 'utf8');
    const find = (name: string) => new RegExp(`variable "${name}" {[^}]*default\\s+= "([^"]+)"`).exec(variables)?.[1];
    const { stderr } = await run('deploy', ['plan', 'dev']);
    expect(stderr).toContain(`bucket ${find('project')}-state-000000000000-${find('region')} cannot be used`);
  });
});
