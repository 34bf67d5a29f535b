// Checks the prerequisites of Terraform and reports all faults at once, each with its remedy.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeParametersCommand, type ParameterMetadata, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, remedyFor } from './aws-remedy.ts';
import { checkoutVersion, codeVersion, type Environment, fail, ROOT, STAGES, zipFolder } from './environment.ts';

/** The first version whose S3 backend locks without DynamoDB. */
const LEAST_TERRAFORM: readonly [major: number, minor: number] = [1, 11];
/** A service that does not answer within this time counts as unreachable. */
const ANSWER_LIMIT_MS = 15_000;

/** What a command needs besides Terraform and credentials. */
export interface Needs {
  readonly zips?: boolean;
  /** With `wanted`, a missing secret causes only a warning. */
  readonly secrets?: 'needed' | 'wanted';
}

/**
 * Checks tools, zips, credentials, the state's bucket and the secrets; returns the AWS account. Ends the process if
 * anything is missing.
 */
export async function preflight(environment: Environment, { zips, secrets }: Needs): Promise<string> {
  const faults = [...checkTerraform(environment), ...(zips ? checkZips() : [])];
  const account = await findAccount(environment, faults);
  if (account !== undefined && environment.account !== undefined && account !== environment.account) {
    faults.push(
      `account: the credentials are of ${account}, but terraform/${environment.variableFile} is for ` +
        `${environment.account}. Set AWS_PROFILE to one of that account.`,
    );
  } else if (account !== undefined) {
    await checkStateBucket(environment, account, faults);
    if (secrets) await checkSecrets(environment, secrets, faults);
  }
  if (faults.length > 0) {
    const list = faults.map((fault) => `  - ${fault}`).join('\n');
    const count = faults.length === 1 ? 'one thing is' : `${faults.length} things are`;
    fail(`${environment.name} is not ready; ${count} missing:\n${list}`);
  }
  return account!;
}

function checkTerraform({ backendFile }: Environment): string[] {
  const program = process.env.TERRAFORM || 'terraform';
  const { error, stdout } = spawnSync(program, ['version'], { encoding: 'utf8' });
  const version = /Terraform v(\d+)\.(\d+)/.exec(stdout ?? '');
  const [major, minor] = LEAST_TERRAFORM;
  const least = LEAST_TERRAFORM.join('.');
  if (error || !version)
    return [`terraform: '${program}' does not run. Install ${least} or newer, or name it by TERRAFORM.`];
  const isOld = Number(version[1]) < major || (Number(version[1]) === major && Number(version[2]) < minor);
  return [
    ...(isOld
      ? [`terraform: ${version[0]} is too old: expected ${least} or newer. Install it, or name it by TERRAFORM.`]
      : []),
    ...(existsSync(join(ROOT, 'terraform', backendFile))
      ? []
      : [`backend: terraform/${backendFile} is missing: it names the place of the state. Write it.`]),
  ];
}

function checkZips(): string[] {
  const folder = zipFolder();
  const missing = STAGES.filter((stage) => !existsSync(join(folder, `${stage}.zip`)));
  if (missing.length > 0)
    return [`zips: ${missing.map((stage) => `${stage}.zip`).join(', ')} in ${folder}. Run: make build`];
  if (codeVersion() === checkoutVersion()) return [];
  return [`zips: those in ${folder} are of ${codeVersion()}, the checkout is ${checkoutVersion()}. Run: make build`];
}

async function findAccount({ region }: Environment, faults: string[]): Promise<string | undefined> {
  try {
    const { Account } = await within(new STSClient({ region, maxAttempts: 2 }).send(new GetCallerIdentityCommand({})));
    return Account;
  } catch (error) {
    faults.push(
      `credentials: none that AWS accepts (${describe(error)}). ` +
        `${remedyFor(error, 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and what belongs to it')}.`,
    );
    return undefined;
  }
}

async function checkStateBucket(environment: Environment, account: string, faults: string[]): Promise<void> {
  const bucket = environment.stateBucket(account);
  try {
    await within(new S3Client({ region: environment.region }).send(new HeadBucketCommand({ Bucket: bucket })));
  } catch (error) {
    faults.push(
      `state: bucket ${bucket} cannot be used (${describe(error)}). Apply terraform/bootstrap once: docs/deploy.md.`,
    );
  }
}

async function checkSecrets(
  { name, region, parameters }: Environment,
  secrets: 'needed' | 'wanted',
  faults: string[],
): Promise<void> {
  const filter = { Key: 'Name', Option: 'Equals', Values: Object.values(parameters) };
  let found: ParameterMetadata[];
  try {
    const command = new DescribeParametersCommand({ ParameterFilters: [filter] });
    found = (await within(new SSMClient({ region }).send(command))).Parameters ?? [];
  } catch (error) {
    // The role that plans pull requests may not list parameters; a function reports a missing secret itself.
    process.stderr.write(`warning: the secrets cannot be checked (${describe(error)}).\n`);
    return;
  }
  const good = found.filter(({ Type }) => Type === 'SecureString').map(({ Name }) => Name);
  const missing = Object.values(parameters).filter((parameter) => !good.includes(parameter));
  if (missing.length === 0) return;
  const text = `secrets: no SecureString ${missing.join(' and ')} in ${region}. Run: make secrets ENV=${name}`;
  if (secrets === 'needed') faults.push(text);
  else process.stderr.write(`warning: ${text}\n`);
}

function within<T>(work: Promise<T>): Promise<T> {
  const limit = new Promise<never>((_, reject) => {
    const late = () =>
      reject(Object.assign(new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`), { name: 'Timeout' }));
    setTimeout(late, ANSWER_LIMIT_MS).unref();
  });
  return Promise.race([work, limit]);
}
