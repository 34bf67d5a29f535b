import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { processTree, treeCpuSeconds, treeMemory } from './process-tree.ts';

/** A program that runs until it is stopped. */
export interface LongProgram {
  readonly command: readonly [program: string, ...args: string[]];
  /** The whole environment of the process; credentials are here and never among the arguments. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Ends the process early. */
  readonly interrupted: AbortSignal;
}

/** A running program whose process tree is measured. */
export interface RunningProcess {
  /** Why the process has ended, or undefined while it runs. */
  fault(): string | undefined;
  /** The CPU seconds of the process tree since its start; undefined if they cannot be read. */
  cpuSeconds(): number | undefined;
  /** Returns the highest memory of the process tree since this function was last called; undefined if unknown. */
  takePeakMegabytes(): number | undefined;
  /** Stops the process: first by SIGTERM, after a limit by SIGKILL. */
  stop(): Promise<void>;
}

/** How often the memory of the process tree is read: milliseconds. Each read visits all threads, and a JVM has many. */
const MEMORY_INTERVAL_MS = 250;
/** The time that a process has for its end after SIGTERM: milliseconds. */
const STOP_LIMIT_MS = 10_000;
/** How much of the end of the output is kept: characters. */
const KEPT_CHARACTERS = 4_096;

/** Starts a program that runs until it is stopped, and watches its memory. */
export function startProcess(started: LongProgram): RunningProcess {
  const [program, ...args] = started.command;
  const { environment, folder, interrupted } = started;
  const child = spawn(program, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let fault: string | undefined;
  const keep = (chunk: unknown) => {
    said = (said + chunk).slice(-KEPT_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', ({ message }) => {
    fault = message;
  });
  child.on('close', (code, signal) => {
    fault ??= `exit code ${code ?? signal}: ${said.trim()}`;
  });
  interrupted.addEventListener('abort', () => killTree(child), { once: true });
  let peak: number | undefined;
  const timer = setInterval(() => {
    const memory = child.pid === undefined ? undefined : treeMemory(child.pid);
    if (memory) peak = Math.max(peak ?? 0, memory.nowMegabytes);
  }, MEMORY_INTERVAL_MS);
  return {
    fault: () => fault,
    cpuSeconds: () => (child.pid === undefined ? undefined : treeCpuSeconds(child.pid)),
    takePeakMegabytes: () => {
      const taken = peak;
      peak = undefined;
      return taken;
    },
    stop: () => stop(child, timer),
  };
}

async function stop(child: ChildProcess, timer: NodeJS.Timeout): Promise<void> {
  clearInterval(timer);
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const limit = setTimeout(() => killTree(child), STOP_LIMIT_MS);
  await closed;
  clearTimeout(limit);
}

// Only processes of this tree are ended, each by its id.
function killTree({ pid }: ChildProcess): void {
  for (const each of pid === undefined ? [] : processTree(pid)) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
