import { drawTable } from '@totesys/cli';
import { describeRun, groupMeasures, megabytes } from './format-measure.ts';
import { measureTable } from './measure-table.ts';
import type { BenchResult } from './result.ts';

/** Returns the result as text: a line about the run, and a table for each group. */
export function printResult(result: BenchResult): string {
  const tables = [...groupMeasures(result)].map(([group, measures]) => {
    const { head, rows } = measureTable(result.kind, measures);
    return `${group}\n${drawTable(head, rows)}`;
  });
  const bytes = Object.entries(result.bytes).map(([name, size]) => `${name}: ${megabytes(size)}`);
  return [describeRun(result), ...tables, ...bytes].join('\n');
}
