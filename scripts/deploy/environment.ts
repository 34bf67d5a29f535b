// An environment is two files below terraform/envs, and the names that follow from its name.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// The SDK is pinned to a version that runs on Node 20; its warning is about later versions.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// Node's default of 250 ms is too short for a distant address; packages/runtime sets the same.
setDefaultAutoSelectFamilyAttemptTimeout(2_500);

/** The root folder of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The stages: in the order in which rows go through them, then the one that proves the result. */
export const STAGES = ['ingest', 'transform', 'load', 'reconcile'] as const;

/** A deployed stage. */
export type Stage = (typeof STAGES)[number];

/** The defaults of terraform/variables.tf; a test compares both. */
const DEFAULTS = { project: 'totesys', region: 'eu-west-2' };
/** Git patterns of the files that the zips are built from. */
const SOURCES = ['packages/*/src/*', 'packages/*/package.json', 'patches/*', 'pnpm-lock.yaml', 'scripts/bundle.ts'];
const MOST_DIFF_BYTES = 64 * 1024 * 1024;

/** An environment: its names and files, relative to terraform/. */
export interface Environment {
  readonly name: string;
  readonly region: string;
  readonly account: string | undefined;
  readonly variableFile: string;
  readonly backendFile: string;
  /** The SSM parameters of both connection URLs. */
  readonly parameters: Readonly<Record<'source' | 'warehouse', string>>;
  readonly secretsKey: string | undefined;
  /** Whether `make destroy` deletes its lake. */
  readonly losesItsLake: boolean;
  /** Whether its ingest uses change hints, for which the source keeps WAL. */
  readonly usesHints: boolean;
  /** Returns the name of the bucket of Terraform's state. */
  stateBucket(account: string): string;
}

/** Reads an environment by its name; ends the process if it does not exist. */
export function readEnvironment(name: string | undefined): Environment {
  const folder = join(ROOT, 'terraform/envs');
  const names = readdirSync(folder).flatMap((file) => /^(.+)\.tfvars$/.exec(file)?.[1] ?? []);
  if (name === undefined || !names.includes(name)) {
    fail(
      `There is no environment '${name ?? ''}': expected one of ${names.join(', ')}. As: make plan ENV=${names[0]}`,
      2,
    );
  }
  const text = readFileSync(join(folder, `${name}.tfvars`), 'utf8');
  const find = (variable: string) => new RegExp(`^\\s*${variable}\\s*=\\s*"?([^"\\s#]+)`, 'm').exec(text)?.[1];
  const project = find('project') ?? DEFAULTS.project;
  const region = find('region') ?? DEFAULTS.region;
  return {
    name,
    region,
    account: find('account_id'),
    variableFile: `envs/${name}.tfvars`,
    backendFile: `envs/${name}.s3.tfbackend`,
    // Terraform uses the same names; a test compares both.
    parameters: { source: `/${project}/${name}/source-url`, warehouse: `/${project}/${name}/warehouse-url` },
    secretsKey: find('secrets_key_arn'),
    losesItsLake: find('force_destroy') === 'true',
    usesHints: (find('hints') ?? 'off') !== 'off',
    stateBucket: (account: string) => `${project}-state-${account}-${region}`,
  };
}

/** Returns the folder of the zips: `ZIPS`, or the one that `make build` writes. */
export function zipFolder(): string {
  return resolve(ROOT, process.env.ZIPS || 'build');
}

/**
 * Returns the code version of the functions: a digest of the zips, equal for equal code at every commit and on every
 * machine.
 */
export function zipsVersion(folder = zipFolder()): string {
  const digest = createHash('sha256');
  for (const stage of STAGES) digest.update(readFileSync(join(folder, `${stage}.zip`)));
  return digest.digest('hex').slice(0, 12);
}

/**
 * Returns the version of the checkout that the zips were built from, as recorded beside them; otherwise that of this
 * checkout.
 */
export function codeVersion(): string {
  const file = join(zipFolder(), 'code-version');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : checkoutVersion();
}

/** Returns the commit of a checkout, with a digest of uncommitted changes to its sources; `unknown` without git. */
export function checkoutVersion(folder = ROOT): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: MOST_DIFF_BYTES,
    });
  try {
    const commit = git('describe', '--always', '--abbrev=12').trim();
    const changed = git('diff', '--binary', 'HEAD', '--', ...SOURCES);
    const added = git('ls-files', '--others', '--exclude-standard', '-z', '--', ...SOURCES)
      .split('\0')
      .filter(Boolean);
    if (changed === '' && added.length === 0) return commit;
    // Without the digest, zips from before the last edit would pass as new.
    const digest = createHash('sha256').update(changed);
    for (const path of added) digest.update(path).update(readFileSync(join(folder, path)));
    return `${commit}-dirty.${digest.digest('hex').slice(0, 8)}`;
  } catch {
    return 'unknown';
  }
}

/** Writes the message to stderr and ends the process: 1 for a failure, 2 for a wrong call. */
export function fail(message: string, exitCode = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
