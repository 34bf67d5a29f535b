import { basename } from 'node:path';
import type { CommandResult } from '@totesys/cli';
import { runProcess } from './run-process.ts';
import type { Sample } from './sample.ts';
import type { ReadServerCpu } from './server-cpu.ts';

/** Longer than any command of this bench takes: milliseconds. */
const LIMIT_MS = 60 * 60_000;

/** Where a command of this repository works: its environment variables, and what ends or observes it. */
export interface Places {
  readonly SOURCE_URL: string;
  readonly WAREHOUSE_URL: string;
  readonly LAKE: string;
}

/** What is the same for all commands of a run. */
export interface Watch {
  readonly readServerCpu: ReadServerCpu;
  readonly interrupted: AbortSignal;
}

/** Runs a command of this repository in a process of its own; returns its JSON and what it used. */
export async function runCommand(
  command: string,
  args: readonly string[],
  places: Places,
  watch: Watch,
): Promise<{ readonly result: CommandResult; readonly sample: Sample }> {
  const { code, stdout, stderr, sample } = await runProcess({
    command: [process.execPath, command, ...args, '--json'],
    environment: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...places },
    limitMs: LIMIT_MS,
    ...watch,
  });
  if (code !== 0) throw new Error(`${basename(command, '.mjs')} ${args.join(' ')} ended with ${code}: ${stderr}`);
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as CommandResult;
  // The process knows its own peak exactly; the watch reads it from time to time.
  const { peakMegabytes } = result.usage as { peakMegabytes: number };
  return { result, sample: { ...sample, peakMegabytes } };
}
