import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SOURCE = fileURLToPath(new URL('../../../terraform/', import.meta.url));
const BUILD = fileURLToPath(new URL('../../../build/', import.meta.url));
/** A provider is some hundred megabytes to fetch at the first use; all else takes seconds. */
const COMMAND_LIMIT_MS = 600_000;
/** The state of a big deployment as JSON, with room to spare. */
const OUTPUT_BYTES = 64 * 1024 * 1024;
/** What belongs to another deployment, or to none. */
const NOT_COPIED = /^(\.terraform|.*\.tfstate.*|tests)$/;

/** The project's Terraform, made ready to be applied to an emulator: a copy of it whose state lies beside it. */
export interface Terraform {
  /** The copy: what is changed there changes this deployment alone. */
  readonly folder: string;
  apply(): Promise<void>;
  /** Whether a plan would change nothing; what it would change is in `output`. */
  plan(): Promise<{ readonly isEmpty: boolean; readonly output: string }>;
  outputs(): Promise<Record<string, unknown>>;
  /** The state as `terraform show -json` gives it. */
  state(): Promise<unknown>;
  destroy(): Promise<void>;
  /** Forgets the copy and its state, not what was applied. */
  remove(): Promise<void>;
}

/**
 * Copies `terraform/`, with the variables in a file of their own, and initialises it with the program that `TERRAFORM` names.
 * `env` leads it to the emulator; AWS variables of the caller's do not. Where there is no program or no provider it says what is
 * missing, and tests are skipped; with `CI=true` it throws.
 */
export async function openTerraform(
  env: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, unknown>>,
): Promise<Terraform | { missing: string }> {
  await mkdir(join(BUILD, 'terraform-plugins'), { recursive: true });
  const folder = await mkdtemp(join(BUILD, 'terraform-'));
  await cp(SOURCE, folder, { recursive: true, filter: (path) => !NOT_COPIED.test(basename(path)) });
  await writeFile(join(folder, 'backend_override.tf'), 'terraform {\n  backend "local" {}\n}\n');
  await writeFile(join(folder, 'deployment.auto.tfvars.json'), JSON.stringify(variables));

  const terraform = async (...args: string[]) => {
    const options = { env: { ...environment(), ...env }, timeout: COMMAND_LIMIT_MS, maxBuffer: OUTPUT_BYTES };
    const { stdout } = await run(program(), [`-chdir=${folder}`, ...args], options);
    return stdout;
  };
  const remove = () => rm(folder, { recursive: true, force: true });
  const missing = await findMissing(terraform);
  if (missing !== undefined) {
    await remove();
    if (process.env.CI === 'true') throw new Error(`${missing} With CI=true nothing is skipped.`);
    return { missing };
  }
  return {
    folder,
    apply: async () => void (await terraform('apply', '-auto-approve', '-input=false', '-no-color')),
    plan: () => planOf(terraform),
    outputs: async () => {
      const outputs = JSON.parse(await terraform('output', '-json')) as Record<string, { value: unknown }>;
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
    },
    state: async () => JSON.parse(await terraform('show', '-json')),
    destroy: async () => void (await terraform('destroy', '-auto-approve', '-input=false', '-no-color')),
    remove,
  };
}

type Run = (...args: string[]) => Promise<string>;

const program = () => process.env.TERRAFORM || 'terraform';

// Nothing of the caller's own account: neither its credentials nor its variables.
function environment(): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|TF_VAR_|TF_DATA_DIR|TF_WORKSPACE)/.test(name));
  return {
    ...Object.fromEntries(own),
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    TF_PLUGIN_CACHE_DIR: join(BUILD, 'terraform-plugins'),
    // Without a lock file Terraform would fetch the provider each time; the copy's lock file is nobody's.
    TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
  };
}

async function findMissing(terraform: Run): Promise<string | undefined> {
  try {
    await terraform('init', '-input=false', '-no-color');
    return undefined;
  } catch (error) {
    const { code, stderr = '', message } = error as { code?: string | number; stderr?: string; message: string };
    if (code === 'ENOENT') return `There is no ${program()}: install Terraform 1.11 or newer, or name it in TERRAFORM.`;
    if (/registry|provider/i.test(stderr)) return `Terraform's AWS provider cannot be had: ${firstError(stderr)}`;
    throw new Error(`terraform init failed: ${stderr || message}`, { cause: error });
  }
}

async function planOf(terraform: Run): Promise<{ isEmpty: boolean; output: string }> {
  try {
    return { isEmpty: true, output: await terraform('plan', '-detailed-exitcode', '-input=false', '-no-color') };
  } catch (error) {
    const { code, stdout = '' } = error as { code?: unknown; stdout?: string };
    if (code === 2) return { isEmpty: false, output: stdout };
    throw error;
  }
}

function firstError(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^[│╷╵\s]+/, ''));
  return (
    lines
      .find((line) => line.startsWith('Error:'))
      ?.slice('Error:'.length)
      .trim() ?? lines.join(' ').trim()
  );
}
