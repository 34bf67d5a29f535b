import type { Measure } from './result.ts';

/** The columns of a table of freshness. */
export const FRESHNESS_HEAD = [
  'what',
  'operations',
  'arrived',
  'p50 s',
  'p95 s',
  'p99 s',
  'max s',
  'CPU s, client',
  'CPU s, server',
  'peak RSS MB',
] as const;

/** Returns the cells of one measure; CPU is for 1,000 changed rows. */
export function freshnessCells(measure: Measure): string[] {
  const { name, freshness, peakMegabytes } = measure;
  const seconds = [freshness?.p50, freshness?.p95, freshness?.p99, freshness?.most];
  return [
    name,
    freshness?.operations.toLocaleString('en') ?? '',
    freshness?.arrived.toLocaleString('en') ?? '',
    ...seconds.map((each) => each?.toFixed(2) ?? ''),
    perThousand(measure, 'clientCpuSeconds')?.toFixed(2) ?? '',
    perThousand(measure, 'serverCpuSeconds')?.toFixed(2) ?? '',
    peakMegabytes?.most.toFixed(0) ?? '',
  ];
}

/** Returns the CPU seconds for 1,000 changed rows, or undefined if they are not known. */
export function perThousand(measure: Measure, of: 'clientCpuSeconds' | 'serverCpuSeconds'): number | undefined {
  const cpu = measure[of]?.median;
  return cpu === undefined || measure.rows === 0 ? undefined : (cpu / measure.rows) * 1e3;
}
