import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of 10 ms for every program, whatever the kernel's own clock is. */
const TICKS_PER_SECOND = 100;
const KILOBYTES_PER_MEGABYTE = 1024;

/** Returns the process and all its descendants; on systems without /proc it alone. */
export function processTree(root: number): number[] {
  const found = [root];
  for (const pid of found) found.push(...childrenOf(pid));
  return found;
}

/** Returns the CPU seconds of a process tree, with children that have ended; undefined without /proc. */
export function treeCpuSeconds(root: number): number | undefined {
  if (readStat(root) === undefined) return undefined;
  // Fields 14 to 17 of proc(5): user and system time of the process, then of the children that it waited for.
  const ticks = processTree(root).map((pid) => (readStat(pid) ?? []).slice(11, 15).map(Number));
  return ticks.flat().reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}

/** Returns the process id of the parent, or undefined if there is no such process. */
export function parentOf(pid: number): number | undefined {
  const parent = readStat(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The resident memory of a process tree at one moment. */
export interface TreeMemory {
  /** The sum over its processes; pages that they share count for each. */
  readonly nowMegabytes: number;
  /** The highest that any one of its processes has had. */
  readonly highestMegabytes: number;
}

/** Returns the memory of a process tree, or undefined without /proc. */
export function treeMemory(root: number): TreeMemory | undefined {
  const sizes = processTree(root).flatMap((pid) => {
    const status = read(`/proc/${pid}/status`);
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status ?? '')?.[1] ?? 0);
    return status === undefined ? [] : [{ now: field('VmRSS'), highest: field('VmHWM') }];
  });
  if (sizes.length === 0) return undefined;
  return {
    nowMegabytes: sizes.reduce((sum, { now }) => sum + now, 0) / KILOBYTES_PER_MEGABYTE,
    highestMegabytes: Math.max(...sizes.map(({ highest }) => highest)) / KILOBYTES_PER_MEGABYTE,
  };
}

// Each thread has its own list of the children that it started.
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

// The fields from the third on: the name before them may contain spaces.
function readStat(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

// A process may end at any moment.
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
