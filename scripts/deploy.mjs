// `node scripts/deploy.mjs plan|deploy|destroy|outputs|redrive ENV`: Terraform for one environment, once everything that it needs is there.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeVersion, fail, ROOT, readEnvironment, STAGES, zipFolder, zipsVersion } from './deploy/environment.mjs';
import { preflight } from './deploy/preflight.mjs';

const [command, name] = process.argv.slice(2);
/** A plan to write or to apply; without it a plan is only shown, and `deploy` makes its own. */
const plan = process.env.PLAN ? resolve(ROOT, process.env.PLAN) : undefined;
/** YES=1: nobody is asked. LOCK=0: for a role that may only read, which cannot write the lock either. */
const approved = process.env.YES === '1' ? ['-auto-approve'] : [];
const lock = process.env.LOCK === '0' ? ['-lock=false'] : [];
const color = process.stdout.isTTY ? [] : ['-no-color'];
/** How long a destroy goes on while a bucket fills again: Lambda's longest run, and a minute. */
const RUN_ENDS_SECONDS = Number(process.env.DESTROY_WAIT_SECONDS) || 16 * 60;
/** What S3 says where an object came after the bucket was emptied. */
const NOT_EMPTY = /BucketNotEmpty/;
/** Commands of Terraform whose output is not for the terminal. */
const QUIET = new Set(['init', 'show']);
/** Whether Ctrl-C or SIGTERM came while a program ran. */
let isInterrupted = false;

if (command === 'destroy' && name === 'prod') {
  fail(
    'prod is not destroyed by a command: its lake is the history of every fact. docs/deploy.md says how one who means it goes about it.',
  );
}
const environment = readEnvironment(name);
const commands = { plan: makePlan, deploy, destroy, outputs, redrive };
if (!commands[command]) fail(`There is no '${command ?? ''}': expected one of ${Object.keys(commands).join(', ')}.`, 2);
await commands[command]();

async function makePlan() {
  await prepare({ zips: true, secrets: 'wanted' });
  if (plan) mkdirSync(dirname(plan), { recursive: true });
  await terraform('plan', '-input=false', ...color, ...lock, ...variables(), ...(plan ? [`-out=${plan}`] : []));
}

async function deploy() {
  await prepare({ zips: true, secrets: 'needed' });
  if (!plan) return terraform('apply', ...color, ...approved, ...variables());
  // A plan that was approved is applied as it is, or not at all.
  await checkPlan();
  await terraform('apply', '-input=false', ...color, plan);
}

// Terraform would apply the plan of another environment to that one, and would see other zips only when a part of the changes was made.
async function checkPlan() {
  const { said } = await terraform('show', '-json', '-no-color', plan);
  const planned = JSON.parse(said).variables ?? {};
  if (planned.environment?.value !== name) {
    fail(
      `${plan} is a plan of ${planned.environment?.value}: expected one of ${name}. Run: make plan ENV=${name} PLAN=${process.env.PLAN}`,
    );
  }
  if (planned.code_version?.value !== zipsVersion()) {
    fail(
      `${plan} is a plan of code version ${planned.code_version?.value}, but the zips in ${zipFolder()} are of ${zipsVersion()}. Plan again: make plan ENV=${name} PLAN=${process.env.PLAN}`,
    );
  }
  sayVersion();
}

async function destroy() {
  if (!environment.losesItsLake) {
    fail(
      `${name} keeps its lake: a bucket that is not empty is not destroyed, and half of the environment would be gone. Who means it writes force_destroy = true into terraform/envs/${name}.tfvars, and runs make deploy ENV=${name} once before.`,
    );
  }
  await prepare({ zips: true });
  await destroyWhileRunsEnd(['destroy', ...color, ...variables()]);
}

// A run that Lambda had begun goes on after its function is destroyed, and may write into a bucket that was just emptied. Terraform empties it again at each try.
async function destroyWhileRunsEnd(args) {
  const limit = Date.now() + RUN_ENDS_SECONDS * 1_000;
  for (let further = approved; ; further = ['-auto-approve']) {
    const { status, errors } = await tryTerraform(...args, ...further);
    if (status === 0) return;
    if (!NOT_EMPTY.test(errors)) fail(`terraform destroy failed with exit code ${status}; its message is above.`);
    if (Date.now() >= limit) {
      fail(
        `A bucket of ${name} was not empty ${RUN_ENDS_SECONDS} seconds after the first try, longer than any run of a stage: expected no other writer. Find it, then run make destroy ENV=${name} again.`,
      );
    }
    process.stderr.write(
      'A bucket is not empty: a run that had begun still writes. Trying again until it has ended.\n',
    );
    await sleep((RUN_ENDS_SECONDS * 1_000) / 64);
  }
}

async function outputs() {
  await prepare({});
  await terraform('output', '-json');
}

// The command asks Terraform in its folder where the queue is.
async function redrive() {
  await prepare({});
  const status = await run(process.execPath, [join(ROOT, 'packages/cli/bin/totesys.mjs'), 'redrive'], 'inherit');
  process.exitCode = status;
}

async function prepare(needs) {
  const account = await preflight(environment, needs);
  const backend = [
    `-backend-config=${environment.backendFile}`,
    `-backend-config=bucket=${environment.stateBucket(account)}`,
    `-backend-config=region=${environment.region}`,
  ];
  // The state lies where this environment's files say, wherever an earlier run in this folder had it: another account, another region. Nothing is migrated.
  await terraform('init', '-input=false', '-no-color', '-reconfigure', ...backend);
}

function variables() {
  // Nothing of this machine or commit, so that a plan shows what differs and nothing else. Terraform reads paths from its own folder.
  const folder = relative(join(ROOT, 'terraform'), zipFolder());
  const zips = Object.fromEntries(STAGES.map((stage) => [stage, join(folder, `${stage}.zip`)]));
  sayVersion();
  return [
    `-var-file=${environment.variableFile}`,
    `-var=code_version=${zipsVersion()}`,
    `-var=zips=${JSON.stringify(zips)}`,
  ];
}

function sayVersion() {
  process.stdout.write(`code version ${zipsVersion()}, of commit ${codeVersion()}\n`);
}

async function terraform(...args) {
  const ended = await tryTerraform(...args);
  if (ended.status !== 0) fail(`terraform ${args[0]} failed with exit code ${ended.status}; its message is above.`);
  return ended;
}

// Runs Terraform; what it writes to standard error is shown and returned. What a quiet command writes to standard output is of interest only where it fails.
async function tryTerraform(...args) {
  const quiet = QUIET.has(args[0]);
  let said = '';
  let errors = '';
  const status = await run(
    process.env.TERRAFORM || 'terraform',
    [`-chdir=${join(ROOT, 'terraform')}`, ...args],
    quiet ? 'pipe' : 'inherit',
    {
      stdout: (chunk) => {
        said += chunk;
      },
      stderr: (chunk) => {
        errors += chunk;
        process.stderr.write(chunk);
      },
    },
  );
  if (quiet && status !== 0) process.stderr.write(said);
  if (isInterrupted && status !== 0) fail(`terraform ${args[0]} was interrupted; nothing more is begun.`, 130);
  return { status, said, errors };
}

async function run(program, args, stdout, hear) {
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['inherit', stdout, hear ? 'pipe' : 'inherit'],
    // A data folder for each environment: none is ever taken for another.
    env: {
      ...process.env,
      TF_DATA_DIR: process.env.TF_DATA_DIR || `.terraform/${environment.name}`,
      AWS_REGION: environment.region,
    },
  });
  child.stdout?.on('data', hear?.stdout ?? (() => {}));
  child.stderr?.on('data', hear?.stderr ?? (() => {}));
  // Ctrl-C reaches it too, and it ends what it is at; we wait for it.
  const wait = () => {
    isInterrupted = true;
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, wait);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject).on('close', (status) => resolve(status ?? 1));
    });
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, wait);
  }
}
