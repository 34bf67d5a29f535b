import { type ChildProcess, spawn } from 'node:child_process';
import { treeMemory } from './process-tree.ts';
import type { Sample } from './sample.ts';
import type { ReadServerCpu } from './server-cpu.ts';

/** A program to run and measure. */
export interface Program {
  readonly command: readonly [program: string, ...args: string[]];
  /** The whole environment of the process; credentials are here and never among the arguments. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly limitMs: number;
  /** Ends the process early. */
  readonly interrupted?: AbortSignal;
  readonly readServerCpu?: ReadServerCpu;
}

/** How a measured program ended. */
export interface Ended {
  readonly code: number | null;
  readonly isPastLimit: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly sample: Sample;
}

/** How often the memory of the process tree is read: milliseconds. */
const MEMORY_INTERVAL_MS = 50;
/** How much of each stream is kept, its end: characters. */
const KEPT_CHARACTERS = 64 * 1024;

/** The shell's `times` counts every child that has ended and was waited for, on all systems. */
const SHELL = '"$@" 3>&-; code=$?; times >&3; exit $code';

/**
 * Runs a program to its end and measures its process tree. A program that takes longer than its limit is killed with
 * its children.
 */
export function runProcess(program: Program): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const serverBefore = program.readServerCpu?.();
    const startedMs = performance.now();
    const child = spawn('/bin/sh', ['-c', SHELL, 'sh', ...program.command], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: program.environment,
      ...(program.folder !== undefined && { cwd: program.folder }),
      // A process group of its own, so that all of it can be killed.
      detached: true,
    });
    const said = listen(child);
    const memory = watchMemory(child);
    let isPastLimit = false;
    const timer = setTimeout(() => {
      isPastLimit = true;
      killGroup(child);
    }, program.limitMs);
    const stop = () => killGroup(child);
    program.interrupted?.addEventListener('abort', stop, { once: true });
    if (program.interrupted?.aborted) stop();
    const release = () => {
      clearTimeout(timer);
      program.interrupted?.removeEventListener('abort', stop);
    };
    child.on('error', (error) => {
      memory();
      release();
      reject(error);
    });
    child.on('close', (code) => {
      release();
      const seconds = (performance.now() - startedMs) / 1e3;
      const serverAfter = program.readServerCpu?.();
      const serverCpuSeconds =
        serverBefore === undefined || serverAfter === undefined ? undefined : serverAfter - serverBefore;
      const sample = { seconds, clientCpuSeconds: parseTimes(said.times), serverCpuSeconds, peakMegabytes: memory() };
      resolve({ code, isPastLimit, stdout: said.out, stderr: said.err, sample });
    });
  });
}

function listen(child: ChildProcess) {
  const said = { out: '', err: '', times: '' };
  const keep = (stream: number, name: keyof typeof said) =>
    child.stdio[stream]?.on('data', (chunk) => {
      said[name] = (said[name] + chunk).slice(-KEPT_CHARACTERS);
    });
  keep(1, 'out');
  keep(2, 'err');
  keep(3, 'times');
  return said;
}

// Returns a function that ends the watch and returns the peak.
function watchMemory(child: ChildProcess): () => number | undefined {
  let peak: number | undefined;
  const look = () => {
    const memory = child.pid === undefined ? undefined : treeMemory(child.pid);
    if (memory) peak = Math.max(peak ?? 0, memory.nowMegabytes, memory.highestMegabytes);
  };
  const timer = setInterval(look, MEMORY_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Returns the CPU seconds of the children in the output of the shell's `times`: user and system on the second line. */
export function parseTimes(text: string): number {
  const [, children = ''] = text.trim().split('\n');
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
