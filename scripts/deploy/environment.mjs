// What an environment is: two files below terraform/envs, and the names that follow from its own.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// The SDK is pinned to a version that Node 20 runs; what it would warn of are later ones.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// As packages/runtime/src/slow-addresses.ts does: Node's own 250 ms are too short for an address that is far away.
setDefaultAutoSelectFamilyAttemptTimeout(2_500);

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The stages, in the order in which rows go through them. */
export const STAGES = ['ingest', 'transform', 'load'];

/** As terraform/variables.tf has them; a test holds both to it. */
const DEFAULTS = { project: 'totesys', region: 'eu-west-2' };
/** What the zips are made of, as git's patterns: a change elsewhere is none of the code. */
const SOURCES = ['packages/*/src/*', 'packages/*/package.json', 'patches/*', 'pnpm-lock.yaml', 'scripts/bundle.mjs'];
const MOST_DIFF_BYTES = 64 * 1024 * 1024;

/** Reads an environment by its name; ends the process where there is none of it. */
export function readEnvironment(name) {
  const folder = join(ROOT, 'terraform/envs');
  const names = readdirSync(folder).flatMap((file) => /^(.+)\.tfvars$/.exec(file)?.[1] ?? []);
  if (!names.includes(name)) {
    fail(
      `There is no environment '${name ?? ''}': expected one of ${names.join(', ')}. As: make plan ENV=${names[0]}`,
      2,
    );
  }
  const text = readFileSync(join(folder, `${name}.tfvars`), 'utf8');
  const find = (variable) => new RegExp(`^\\s*${variable}\\s*=\\s*"?([^"\\s#]+)`, 'm').exec(text)?.[1];
  const project = find('project') ?? DEFAULTS.project;
  const region = find('region') ?? DEFAULTS.region;
  return {
    name,
    region,
    account: find('account_id'),
    variableFile: `envs/${name}.tfvars`,
    backendFile: `envs/${name}.s3.tfbackend`,
    // What Terraform calls them too; a test holds both to it.
    parameters: { source: `/${project}/${name}/source-url`, warehouse: `/${project}/${name}/warehouse-url` },
    secretsKey: find('secrets_key_arn'),
    losesItsLake: find('force_destroy') === 'true',
    stateBucket: (account) => `${project}-state-${account}-${region}`,
  };
}

/** Where the zips lie: `ZIPS`, or what `make build` leaves. */
export function zipFolder() {
  return resolve(ROOT, process.env.ZIPS || 'build');
}

/** The version of the code that functions are told: a digest of the zips, the same at each commit and on each machine whose code is the same. */
export function zipsVersion(folder = zipFolder()) {
  const digest = createHash('sha256');
  for (const stage of STAGES) digest.update(readFileSync(join(folder, `${stage}.zip`)));
  return digest.digest('hex').slice(0, 12);
}

/** The checkout that the zips are of: their own word where they have it, else this one. */
export function codeVersion() {
  const file = join(zipFolder(), 'code-version');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : checkoutVersion();
}

/** The commit of a checkout, with a digest of what in its sources is not committed; a copy without git is `unknown`. */
export function checkoutVersion(folder = ROOT) {
  const git = (...args) =>
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
    // Twice `dirty` is not the same code: zips that are older than the last edit would pass for new.
    const digest = createHash('sha256').update(changed);
    for (const path of added) digest.update(path).update(readFileSync(join(folder, path)));
    return `${commit}-dirty.${digest.digest('hex').slice(0, 8)}`;
  } catch {
    return 'unknown';
  }
}

/** Says what is wrong and ends the process: 1 where it ran, 2 where it was called wrongly. */
export function fail(message, exitCode = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
