// What an environment is: two files below terraform/envs, and the names that follow from its own.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The stages, in the order in which rows go through them. */
export const STAGES = ['ingest', 'transform', 'load'];

const PROJECT = 'totesys';
const DEFAULT_REGION = 'eu-west-2';

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
  const variables = readFileSync(join(folder, `${name}.tfvars`), 'utf8');
  return {
    name,
    region: /^\s*region\s*=\s*"([^"]+)"/m.exec(variables)?.[1] ?? DEFAULT_REGION,
    variableFile: `envs/${name}.tfvars`,
    backendFile: `envs/${name}.s3.tfbackend`,
    // What Terraform calls them too; a test holds both to it.
    parameters: { source: `/${PROJECT}/${name}/source-url`, warehouse: `/${PROJECT}/${name}/warehouse-url` },
    stateBucket: (account, region) => `${PROJECT}-state-${account}-${region}`,
  };
}

/** Where the zips lie: `ZIPS`, or what `make build` leaves. */
export function zipFolder() {
  return resolve(ROOT, process.env.ZIPS || 'build');
}

/** The version of the code: the zips' own where they say it, else the checkout's. */
export function codeVersion() {
  const file = join(zipFolder(), 'code-version');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : checkoutVersion();
}

/** What git says of the checkout; a copy without git is `unknown`. */
export function checkoutVersion() {
  try {
    const options = { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], options).trim();
  } catch {
    return 'unknown';
  }
}

/** Says what is wrong and ends the process: 1 where it ran, 2 where it was called wrongly. */
export function fail(message, exitCode = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
