/** What a command or a run has used: seconds of time and of CPU, and the peak memory of the process so far. */
export interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** What a command subtracts: nothing, so that the start of the process counts. */
const NONE = { user: 0, system: 0 };

/**
 * Returns a function that returns what the process has used: the time since this call, and the CPU since `before`, an
 * earlier `process.cpuUsage()`; by default all CPU of the process.
 */
export function measureUsage(before: NodeJS.CpuUsage = NONE): () => Usage {
  const startedMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return {
      seconds: (performance.now() - startedMs) / 1e3,
      cpuSeconds: (user + system) / 1e6,
      peakMegabytes: process.resourceUsage().maxRSS / 1024,
    };
  };
}
