import type { Spread } from '../measures/spread.ts';
import type { BenchResult, Measure } from './result.ts';

/** The columns of a table of measures. */
export const MEASURE_HEAD = [
  'what',
  'rows',
  'seconds',
  '× floor',
  's above floor',
  'CPU s, client',
  'CPU s, server',
  'core-seconds',
  'peak RSS MB',
] as const;

/** Returns the cells of one measure: medians, with the least and the most in brackets where there are several runs. */
export function measureCells(measure: Measure): string[] {
  const { seconds, ratio, clientCpuSeconds: client, serverCpuSeconds: server, peakMegabytes } = measure;
  const cores = client && server ? (client.median + server.median).toFixed(1) : '';
  return [
    measure.name,
    measure.rows.toLocaleString('en'),
    spreadText(seconds, 2),
    spreadText(ratio, 2),
    measure.secondsAboveFloor?.median.toFixed(2) ?? '',
    client?.median.toFixed(2) ?? '',
    server?.median.toFixed(2) ?? '',
    cores,
    peakMegabytes?.most.toFixed(0) ?? '',
  ];
}

/** Returns `median (least–most)`, or the median alone if there was one run, or nothing. */
export function spreadText(spread: Spread | undefined, digits: number): string {
  if (!spread) return '';
  const median = spread.median.toFixed(digits);
  return spread.runs === 1 ? median : `${median} (${spread.least.toFixed(digits)}–${spread.most.toFixed(digits)})`;
}

/** Returns the measures by their groups, in the order of the result. */
export function groupMeasures({ measures }: BenchResult): ReadonlyMap<string, readonly Measure[]> {
  const groups = new Map<string, Measure[]>();
  for (const measure of measures) groups.set(measure.group, [...(groups.get(measure.group) ?? []), measure]);
  return groups;
}

/** A load per core above which other processes change the figures: half of a core's time. */
const BUSY_LOAD = 0.5;

/** Returns one line about the machine and the versions, with a warning if the machine was busy. */
export function describeRun({ machine, versions, date, rows, operations }: BenchResult): string {
  const { cpu, cores, memoryGigabytes, system, loadBefore } = machine;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version.replace(`${name} `, '')}`);
  const busy = ' **The machine was busy with other processes, so these figures are not those of an idle one.**';
  const rate = operations ? `${operations.perSecond} operations a second for ${operations.seconds} s, ` : '';
  return (
    `${rows.toLocaleString('en')} rows in eleven tables, ${rate}${date.slice(0, 10)}, ${cores} cores (${cpu}), ` +
    `${memoryGigabytes} GB, ${system}, load before the run ${loadBefore}; ${named.join(', ')}.` +
    (loadBefore > BUSY_LOAD * cores ? busy : '')
  );
}

/** Returns bytes as megabytes with one digit. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
