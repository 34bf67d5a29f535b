import { drawTable } from '@totesys/cli';
import { describeRun, groupMeasures, MEASURE_HEAD, measureCells, megabytes } from './format-measure.ts';
import type { BenchResult } from './result.ts';

/** Returns the result as text: a line about the run, and a table for each group. */
export function printResult(result: BenchResult): string {
  const tables = [...groupMeasures(result)].map(([group, measures]) => {
    const hasOutcome = measures.some(({ outcome }) => outcome !== undefined);
    const head = [...MEASURE_HEAD, ...(hasOutcome ? ['rows and values'] : [])];
    const cells = measures.map((each) => [...measureCells(each), ...(hasOutcome ? [each.outcome ?? ''] : [])]);
    return `${group}\n${drawTable(head, cells)}`;
  });
  const bytes = Object.entries(result.bytes).map(([name, size]) => `${name}: ${megabytes(size)}`);
  return [describeRun(result), ...tables, ...bytes].join('\n');
}
