import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The commands of the repository, as `make setup` builds them. */
const COMMANDS = {
  totesys: 'packages/cli/bin/totesys.mjs',
  'totesys-chaos': 'packages/chaos/bin/totesys-chaos.mjs',
  'totesys-demo': 'packages/demo/bin/totesys-demo.mjs',
  'totesys-bench': 'packages/bench/bin/totesys-bench.mjs',
};

/** What a run of the command left: its exit code and both streams. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of stdout, parsed. */
  readonly json: Record<string, unknown>;
}

/** Starts the `totesys` command as it was built; its process and what becomes of it. */
export function startTotesys(args: readonly string[], environment?: Readonly<Record<string, string>>) {
  return startCommand('totesys', args, environment);
}

/** Starts a command of the repository as it was built; its process and what becomes of it. */
export function startCommand(
  command: keyof typeof COMMANDS,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  requireFresh();
  const child: ChildProcess = spawn(process.execPath, [join(root, COMMANDS[command]), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...measured(), ...environment },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said.stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said, json: parseLast(said.stdout) }));
  });
  return { child, ended, said };
}

/** Runs the command to its end. */
export function totesys(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended> {
  return startTotesys(args, environment).ended;
}

// `make coverage` names a folder for what Node measures in the commands that tests start.
function measured(): Record<string, string> {
  const folder = process.env.COMMAND_COVERAGE;
  return folder ? { NODE_V8_COVERAGE: folder } : {};
}

function parseLast(stdout: string): Record<string, unknown> {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return {};
  }
}

// A test of yesterday's bundle says nothing.
function requireFresh(): void {
  const bundle = join(root, 'packages/cli/dist/main.mjs');
  const builtMs = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (const name of readdirSync(join(root, 'packages'))) {
    const sources = join(root, 'packages', name, 'src');
    if (!existsSync(sources)) continue;
    for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
      if (/\.(tsx?|css)$/.test(file) && statSync(join(sources, file)).mtimeMs > builtMs) {
        throw new Error(`The totesys command is older than packages/${name}/src/${file}. Run: make setup`);
      }
    }
  }
  if (statSync(join(root, 'docs/questions.md')).mtimeMs > builtMs) {
    throw new Error('The totesys command is older than docs/questions.md. Run: make setup');
  }
}
