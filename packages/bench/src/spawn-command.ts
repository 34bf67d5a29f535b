import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { CommandResult } from '@totesys/cli';
import type { Usage } from './usage.ts';

/** Runs a command in a process of its own, with the places in its environment; returns its JSON. */
export function spawnCommand(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandResult & { usage: Usage }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args, '--json'], {
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
      else reject(new Error(`${basename(command, '.mjs')} ${args.join(' ')} ended with ${code}: ${said.err}`));
    });
  });
}
