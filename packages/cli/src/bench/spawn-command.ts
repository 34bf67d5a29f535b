import { spawn } from 'node:child_process';
import type { CommandResult } from '../command-context.ts';
import type { Usage } from './usage.ts';

/** Runs this very command in a process of its own, places by environment, and gives the JSON that it ends with. */
export function spawnCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandResult & { usage: Usage }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [process.argv[1]!, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      said.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said.err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(said.out.trimEnd().split('\n').at(-1)!));
      else reject(new Error(`totesys ${args.join(' ')} ended with ${code}: ${said.err}`));
    });
  });
}
