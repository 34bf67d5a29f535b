import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createTestDatabase, populate, startMinistack, type TestDatabase } from '@totesys/sandbox';
import { buildZips } from '../built-zips.ts';
import { type Ended, runProgram } from './run-program.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const PLUGINS = join(ROOT, 'build/terraform-plugins');
const ENVIRONMENT = 'dev';
const REGION = 'eu-west-2';
/** The account of an emulator that is configured with no other. */
const ACCOUNT = '000000000000';

/** Terraform's outputs. */
export interface Outputs {
  readonly buckets: { readonly ingestion: string; readonly processed: string };
  readonly functions: Readonly<Record<'ingest' | 'transform' | 'load' | 'reconcile', string>>;
  readonly log_groups: Readonly<Record<string, string>>;
  readonly parameters: { readonly source_url: string; readonly warehouse_url: string };
  readonly dead_letters_url: string;
  readonly metric_namespace: string;
  readonly alarms: Readonly<Record<string, string>>;
  readonly dashboard_url: string;
}

/** The project's own Terraform, applied to an emulated AWS, with a source and a warehouse. */
export interface Deployment {
  readonly source: TestDatabase;
  readonly warehouse: TestDatabase;
  readonly outputs: Outputs;
  readonly env: Readonly<Record<string, string>>;
  /** The emulator's own log so far. */
  log(): Promise<string>;
  /** `make plan|deploy|destroy ENV=dev` as make calls it, with further variables of Terraform. */
  make(command: 'plan' | 'deploy' | 'destroy', variables?: Readonly<Record<string, unknown>>): Promise<Ended>;
  /** The state as `terraform show -json` prints it. */
  state(): Promise<unknown>;
  /** Runs a script or the command with the emulated account's credentials. */
  run(args: readonly string[], input?: string): Promise<Ended>;
  close(): Promise<void>;
}

/** Terraform's words for a provider that it cannot download. */
const UNREACHABLE = /Failed to query available provider packages|Failed to install provider|does not run/;

/** The AWS provider's words where it cannot find S3 Control, which it asks for the tags of each bucket. */
const UNRESOLVED = /lookup \d{12}\.localhost/;

/**
 * Deploys the development environment to an emulator as an engineer would to an account: secrets, then Terraform. If
 * the emulator, terraform or its
 * provider cannot be had it says what is missing; with `CI=true` or `EMULATOR=required` it throws.
 */
export async function deploy(
  variables: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<Deployment | { missing: string }> {
  const ministack = await startMinistack(settings);
  if ('missing' in ministack) return orThrow(ministack.missing);
  const { folder } = await buildZips();
  const databases: TestDatabase[] = [];
  const stop = async () => {
    await ministack.stop();
    await Promise.all(databases.map((database) => database.drop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await mkdir(PLUGINS, { recursive: true });
    const env = { ...ministack.env, ...environmentOf(folder, variables) };
    const run = (args: readonly string[], input?: string) =>
      runProgram(process.execPath, args, { cwd: ROOT, env, ...(input === undefined ? {} : { input }) });
    const make = (command: string, further: Readonly<Record<string, unknown>> = {}) =>
      runProgram(process.execPath, ['--import', 'tsx', 'scripts/deploy.ts', command, ENVIRONMENT], {
        cwd: ROOT,
        env: { ...env, ...variablesOf(further) },
      });
    const state = async () => {
      const args = [`-chdir=${join(ROOT, 'terraform')}`, 'show', '-json'];
      const shown = runProgram(process.env.TERRAFORM || 'terraform', args, { cwd: ROOT, env });
      return JSON.parse((await expectDone(shown)).stdout);
    };

    Object.assign(process.env, ministack.env);
    await createStateBucket();
    const [source, warehouse] = [await createTestDatabase({ totesys: true }), await createTestDatabase()] as const;
    databases.push(source, warehouse);
    await populate(source.sql, { seed: 4, salesOrders: 200, purchaseOrders: 100 });
    await expectDone(run(['--import', 'tsx', 'scripts/secrets.ts', ENVIRONMENT], `${source.url}\n${warehouse.url}\n`));
    const applied = await make('deploy');
    if (applied.status !== 0 && UNREACHABLE.test(applied.stderr)) {
      const missing = orThrow(`terraform or its provider cannot be had: ${faultOf(applied.stderr)}`);
      await stop();
      return missing;
    }
    if (UNRESOLVED.test(applied.stderr))
      throw new Error(`${ACCOUNT}.localhost does not resolve. Add to /etc/hosts: 127.0.0.1 ${ACCOUNT}.localhost`);
    await expectDone(Promise.resolve(applied));
    const { stdout } = await expectDone(make('outputs'));
    const outputs = parseOutputs(stdout);
    return { source, warehouse, outputs, env, log: ministack.log, make, state, run, close: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function orThrow(missing: string): { missing: string } {
  if (process.env.CI === 'true' || process.env.EMULATOR === 'required')
    throw new Error(`${missing} Nothing may be skipped.`);
  return { missing };
}

function environmentOf(folder: string, variables: Readonly<Record<string, unknown>>): Record<string, string> {
  return {
    ...variablesOf(variables),
    ZIPS: folder,
    // The one in the checkout belongs to the developer.
    TF_DATA_DIR: join(folder, 'terraform'),
    TF_PLUGIN_CACHE_DIR: PLUGINS,
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
    YES: '1',
  };
}

function variablesOf(variables: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(variables).map(([name, value]) => [
    `TF_VAR_${name}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(given);
}

async function createStateBucket(): Promise<void> {
  const Bucket = `totesys-state-${ACCOUNT}-${REGION}`;
  const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
  await new S3Client({}).send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
}

function parseOutputs(text: string): Outputs {
  const outputs = JSON.parse(text) as Record<string, { value: unknown }>;
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])) as unknown as Outputs;
}

/** The end of a program that has to succeed. */
export async function expectDone(ended: Promise<Ended>): Promise<Ended> {
  const { status, stdout, stderr } = await ended;
  if (status !== 0) throw new Error(`exit code ${status}\n${stdout.slice(-4_000)}\n${stderr.slice(-4_000)}`);
  return { status, stdout, stderr };
}

// Terraform draws a box around its errors, and breaks their lines.
function faultOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^[│╷╵\s-]+/, '').trim());
  return lines.find((line) => UNREACHABLE.test(line) || line.startsWith('Error:')) ?? 'it did not say why.';
}
