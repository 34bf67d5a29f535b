import type { BenchResult, Measure } from '../../src/report/result.ts';

const spread = (median: number) => ({ median, least: median, most: median, runs: 1 });

/** Returns a measure of the group `ticks`. */
export function measure(name: string, seconds: number, ratio?: number): Measure {
  return {
    group: 'ticks',
    name,
    rows: 10,
    seconds: spread(seconds),
    clientCpuSeconds: spread(1),
    peakMegabytes: spread(100),
    ...(ratio !== undefined && { floor: 'floor', ratio: spread(ratio) }),
  };
}

/** Returns a result with these measures. */
export function resultWith(measures: readonly Measure[]): BenchResult {
  return {
    format: 1,
    kind: 'stages',
    date: '2026-01-02T03:04:05.678Z',
    machine: { cpu: 'a CPU', cores: 2, memoryGigabytes: 8, system: 'linux x64', loadBefore: 0 },
    versions: { totesys: 'totesys 1.0.0' },
    rows: 10,
    bytes: { 'a lake': 1_234_567 },
    measures: [...measures],
  };
}
