// Runs Terraform for one environment after its prerequisites are checked: `plan|deploy|destroy|outputs|redrive ENV`.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeVersion, fail, ROOT, readEnvironment, STAGES, zipFolder, zipsVersion } from './deploy/environment.ts';
import { type Needs, preflight } from './deploy/preflight.ts';

const [command, name] = process.argv.slice(2);
/** The file of a plan to write or to apply; without it a plan is only printed, and `deploy` makes its own. */
const plan = process.env.PLAN ? resolve(ROOT, process.env.PLAN) : undefined;
/** YES=1 skips the approval. LOCK=0 is for a role that may only read and so cannot write the lock. */
const approved = process.env.YES === '1' ? ['-auto-approve'] : [];
const lock = process.env.LOCK === '0' ? ['-lock=false'] : [];
const color = process.stdout.isTTY ? [] : ['-no-color'];
/** How long a destroy is repeated while a bucket fills again: the longest run of a Lambda, and a minute. */
const RUN_ENDS_SECONDS = Number(process.env.DESTROY_WAIT_SECONDS) || 16 * 60;
/** The error of S3 if an object arrived after the bucket was emptied. */
const NOT_EMPTY = /BucketNotEmpty/;
/** Commands of Terraform whose output is not printed. */
const QUIET = new Set(['init', 'show']);
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** Aborted by Ctrl-C or SIGTERM while a program runs, and between the attempts of a destroy. */
const interruption = new AbortController();
const interrupt = () => interruption.abort();

if (command === 'destroy' && name === 'prod') {
  fail(
    'prod is not destroyed by a command: its lake is the history of every fact. docs/deploy.md describes how to do ' +
      'it by hand.',
  );
}
const environment = readEnvironment(name);
const commands = new Map(Object.entries({ plan: makePlan, deploy, destroy, outputs, redrive }));
const runCommand = commands.get(command ?? '');
if (!runCommand) fail(`There is no command '${command ?? ''}': expected one of ${[...commands.keys()].join(', ')}.`, 2);
await runCommand();

async function makePlan(): Promise<void> {
  await prepare({ zips: true, secrets: 'wanted' });
  if (plan) mkdirSync(dirname(plan), { recursive: true });
  await terraform('plan', '-input=false', ...color, ...lock, ...variables(), ...(plan ? [`-out=${plan}`] : []));
}

async function deploy(): Promise<void> {
  await prepare({ zips: true, secrets: 'needed' });
  if (!plan) {
    await terraform('apply', ...color, ...approved, ...variables());
    return;
  }
  // A plan that was approved is applied as it is, or not at all.
  await checkPlan(plan);
  await terraform('apply', '-input=false', ...color, plan);
}

// Terraform itself would apply the plan of another environment to that environment, and would detect other zips only
// after it has made part of the changes.
async function checkPlan(plan: string): Promise<void> {
  const { output } = await terraform('show', '-json', '-no-color', plan);
  const planned = JSON.parse(output).variables ?? {};
  if (planned.environment?.value !== name) {
    fail(
      `${plan} is a plan of ${planned.environment?.value}: expected one of ${name}. Run: make plan ENV=${name} ` +
        `PLAN=${process.env.PLAN}`,
    );
  }
  if (planned.code_version?.value !== zipsVersion()) {
    fail(
      `${plan} is a plan of code version ${planned.code_version?.value}, but the zips in ${zipFolder()} are of ` +
        `${zipsVersion()}. Plan again: make plan ENV=${name} PLAN=${process.env.PLAN}`,
    );
  }
  printVersion();
}

async function destroy(): Promise<void> {
  if (!environment.losesItsLake) {
    fail(
      `${name} keeps its lake: Terraform does not destroy a bucket that is not empty, and half of the environment ` +
        `would be deleted. To delete the lake, too, set force_destroy = true in terraform/envs/${name}.tfvars, run ` +
        `make deploy ENV=${name}, then make destroy again.`,
    );
  }
  await prepare({ zips: true });
  remindOfHints();
  await destroyWhileRunsEnd(['destroy', ...color, ...variables()]);
}

// Terraform does not remove the slot, and a slot that no ingest advances fills the disk of the source.
function remindOfHints(): void {
  if (!environment.usesHints) return;
  process.stderr.write(
    `${name} uses change hints. Its source keeps WAL for their slot until they are removed. ` +
      'On the source, run the SQL of: totesys hints remove\n',
  );
}

// A Lambda run in progress continues after its function is destroyed, and may write into a bucket that was just
// emptied.
// Terraform empties the bucket again at each attempt.
async function destroyWhileRunsEnd(args: readonly string[]): Promise<void> {
  const limit = Date.now() + RUN_ENDS_SECONDS * 1_000;
  // The signal may arrive after the program has ended: it must not start the next attempt.
  for (const signal of SIGNALS) process.on(signal, interrupt);
  for (let further = approved; ; further = ['-auto-approve']) {
    const { status, errors } = await tryTerraform(...args, ...further);
    if (status === 0) return;
    if (!NOT_EMPTY.test(errors)) fail(`terraform destroy failed with exit code ${status}; its message is above.`);
    if (Date.now() >= limit) {
      fail(
        `A bucket of ${name} was not empty ${RUN_ENDS_SECONDS} seconds after the first try, longer than any run of ` +
          `a stage: expected no other writer. Find it, then run make destroy ENV=${name} again.`,
      );
    }
    process.stderr.write('A bucket is not empty: a run in progress still writes. Trying again until it has ended.\n');
    await sleep((RUN_ENDS_SECONDS * 1_000) / 64, undefined, { signal: interruption.signal }).catch(() =>
      failInterrupted('destroy'),
    );
  }
}

async function outputs(): Promise<void> {
  await prepare({});
  await terraform('output', '-json');
}

// The command reads the queue's URL from Terraform's outputs.
async function redrive(): Promise<void> {
  await prepare({});
  process.exitCode = await run(process.execPath, [join(ROOT, 'packages/cli/bin/totesys.mjs'), 'redrive']);
}

async function prepare(needs: Needs): Promise<void> {
  const account = await preflight(environment, needs);
  const backend = [
    `-backend-config=${environment.backendFile}`,
    `-backend-config=bucket=${environment.stateBucket(account)}`,
    `-backend-config=region=${environment.region}`,
  ];
  // The backend follows this environment's files, whatever account or region an earlier run in this folder used. No
  // state is migrated.
  await terraform('init', '-input=false', '-no-color', '-reconfigure', ...backend);
}

function variables(): string[] {
  // No variable depends on the machine or the commit, so that a plan of equal code has no change. Terraform resolves
  // paths from its own folder.
  const folder = relative(join(ROOT, 'terraform'), zipFolder());
  const zips = Object.fromEntries(STAGES.map((stage) => [stage, join(folder, `${stage}.zip`)]));
  printVersion();
  return [
    `-var-file=${environment.variableFile}`,
    `-var=code_version=${zipsVersion()}`,
    `-var=zips=${JSON.stringify(zips)}`,
  ];
}

function printVersion(): void {
  process.stdout.write(`code version ${zipsVersion()}, of commit ${codeVersion()}\n`);
}

/** The end of a program: its exit code, and its output and errors where they were captured. */
interface Ended {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

async function terraform(...args: string[]): Promise<Ended> {
  const ended = await tryTerraform(...args);
  if (ended.status !== 0) fail(`terraform ${args[0]} failed with exit code ${ended.status}; its message is above.`);
  return ended;
}

// Prints and returns stderr. The stdout of a quiet command is captured, and printed only if it fails.
async function tryTerraform(...args: string[]): Promise<Ended> {
  const isQuiet = QUIET.has(args[0] ?? '');
  let output = '';
  let errors = '';
  const status = await run(process.env.TERRAFORM || 'terraform', [`-chdir=${join(ROOT, 'terraform')}`, ...args], {
    ...(isQuiet && {
      onOutput: (chunk) => {
        output += chunk;
      },
    }),
    onError: (chunk) => {
      errors += chunk;
      process.stderr.write(chunk);
    },
  });
  if (isQuiet && status !== 0) process.stderr.write(output);
  if (interruption.signal.aborted && status !== 0) failInterrupted(args[0]);
  return { status, output, errors };
}

function failInterrupted(command = ''): never {
  fail(`terraform ${command} was interrupted; nothing else is started.`, 130);
}

/** Listeners for the streams of a program; a stream without one goes to the terminal. */
interface Listeners {
  readonly onOutput?: (chunk: Buffer) => void;
  readonly onError?: (chunk: Buffer) => void;
}

async function run(program: string, args: readonly string[], { onOutput, onError }: Listeners = {}): Promise<number> {
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['inherit', onOutput ? 'pipe' : 'inherit', onError ? 'pipe' : 'inherit'],
    // One data folder for each environment, so that none is mistaken for another.
    env: {
      ...process.env,
      TF_DATA_DIR: process.env.TF_DATA_DIR || `.terraform/${environment.name}`,
      AWS_REGION: environment.region,
    },
  });
  if (onOutput) child.stdout?.on('data', onOutput);
  if (onError) child.stderr?.on('data', onError);
  // Ctrl-C reaches the program, too, which ends its work; this process waits for it.
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject).on('close', (status) => resolve(status ?? 1));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
