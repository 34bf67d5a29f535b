import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetRoleCommand, IAMClient, ListPoliciesCommand } from '@aws-sdk/client-iam';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expectDone } from './deployment.ts';
import { startEmulatedAccount } from './emulated-account.ts';
import { runProgram } from './run-program.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const FOLDER = join(ROOT, 'terraform/bootstrap');
const PLUGINS = join(ROOT, 'build/terraform-plugins');
const BUCKET = 'totesys-state-000000000000-eu-west-2';
const LIMIT_MS = 200_000;
const VARIABLES = [
  '-var=repository=acme/totesys',
  '-var=refuse_plain_http=false',
  '-var=oidc_provider_arn=arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com',
];

const account = await startEmulatedAccount();
const testOnAws = account.isMissing ? test.skip : test;
let folder: string;

beforeAll(async () => {
  if (account.isMissing) return;
  await mkdir(PLUGINS, { recursive: true });
  folder = await mkdtemp(join(ROOT, 'build/bootstrap-'));
});

afterAll(async () => {
  if (account.isMissing) return;
  await rm(folder, { recursive: true });
});

testOnAws(
  'the bootstrap is removed by the commands of docs/deploy.md, although its bucket is kept from being destroyed',
  async () => {
    const page = await readFile(join(ROOT, 'docs/deploy.md'), 'utf8');
    const section = page.slice(page.indexOf('### The bootstrap'), page.indexOf('### Emptying a bucket'));
    const commands = [...section.matchAll(/^terraform -chdir=terraform\/bootstrap ([^#\n]+)/gm)].map(([, command]) =>
      command!.trim().replace(' -var repository=OWNER/NAME', ''),
    );
    expect(commands).toEqual(['state rm aws_s3_bucket.state', 'destroy']);

    await terraform('init', '-input=false', '-no-color');
    await terraform('apply', '-input=false', '-no-color', '-auto-approve', ...VARIABLES);
    const s3 = new S3Client({});
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'dev/terraform.tfstate', Body: '{}' }));
    await expect(terraform('destroy', '-auto-approve', '-no-color', ...VARIABLES)).rejects.toThrow(/prevent_destroy/);

    for (const command of commands) {
      const [verb, ...rest] = command.split(' ');
      await terraform(verb!, ...rest, ...(verb === 'destroy' ? ['-auto-approve', ...VARIABLES] : []));
    }
    const iam = new IAMClient({});
    await expect(iam.send(new GetRoleCommand({ RoleName: 'totesys-plan' }))).rejects.toThrow();
    expect((await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))).Policies ?? []).toEqual([]);
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }))).rejects.toThrow();

    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
    expect(Versions.length).toBeGreaterThan(0);
    const Objects = Versions.map(({ Key, VersionId }) => ({ Key, VersionId }));
    await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
    await s3.send(new DeleteBucketCommand({ Bucket: BUCKET }));
    expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  },
  LIMIT_MS,
);

// With the state in a folder of its own: the checkout's is an operator's.
function terraform(...args: string[]) {
  const state = /^(apply|destroy|state)$/.test(args[0]!) ? [`-state=${join(folder, 'bootstrap.tfstate')}`] : [];
  const [verb, ...rest] = args;
  const head = verb === 'state' ? [verb, rest.shift()!] : [verb!];
  const env = {
    ...account.env,
    TF_DATA_DIR: join(folder, 'data'),
    TF_PLUGIN_CACHE_DIR: PLUGINS,
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
  };
  const program = process.env.TERRAFORM || 'terraform';
  return expectDone(runProgram(program, [`-chdir=${FOLDER}`, ...head, ...state, ...rest], { cwd: ROOT, env }));
}
