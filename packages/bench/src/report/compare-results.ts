import { drawTable } from '@totesys/cli';
import type { BenchResult, Measure } from './result.ts';

/** The change of one measure between two runs. */
export interface Comparison {
  readonly group: string;
  readonly name: string;
  /** The ratios to the floor, the 99th percentiles of freshness, or the seconds where there is neither. */
  readonly before: number;
  readonly after: number;
  readonly unit: '× floor' | 's' | 's, p99';
}

/**
 * Compares the measures that two runs have in common. Ratios to a floor of the same run are compared where they exist,
 * because seconds of two runs depend on what else the machine did.
 */
export function compareResults(before: BenchResult, after: BenchResult): Comparison[] {
  const earlier = new Map(before.measures.map((measure) => [keyOf(measure), measure]));
  return after.measures.flatMap((measure): Comparison[] => {
    const then = earlier.get(keyOf(measure));
    const { group, name } = measure;
    if (then?.ratio && measure.ratio)
      return [{ group, name, before: then.ratio.median, after: measure.ratio.median, unit: '× floor' }];
    if (then?.freshness && measure.freshness)
      return [{ group, name, before: then.freshness.p99, after: measure.freshness.p99, unit: 's, p99' }];
    if (then?.seconds && measure.seconds)
      return [{ group, name, before: then.seconds.median, after: measure.seconds.median, unit: 's' }];
    return [];
  });
}

/** Returns the comparison as a table; a change below 1 is faster. */
export function printComparison(before: BenchResult, after: BenchResult): string {
  const rows = compareResults(before, after).map((each) => [
    each.group,
    each.name,
    `${each.before.toFixed(2)} → ${each.after.toFixed(2)} ${each.unit}`,
    (each.after / each.before).toFixed(2),
  ]);
  const sizes = before.rows === after.rows ? '' : ` The sizes differ: ${before.rows} and ${after.rows} rows.`;
  return `Before (${before.date}) → after (${after.date}).${sizes}\n${drawTable(
    ['group', 'what', 'before → after', 'after / before'],
    rows,
  )}`;
}

const keyOf = ({ group, name }: Measure) => `${group}: ${name}`;
