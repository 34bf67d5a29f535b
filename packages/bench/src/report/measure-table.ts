import { MEASURE_HEAD, measureCells } from './format-measure.ts';
import { FRESHNESS_HEAD, freshnessCells } from './freshness-cells.ts';
import type { BenchResult, Measure } from './result.ts';

/** A table as text. */
export interface MeasureTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Returns the table of a group of measures; if a measure has an outcome, the last column shows the outcomes. */
export function measureTable(kind: BenchResult['kind'], measures: readonly Measure[]): MeasureTable {
  const isFreshness = kind === 'freshness';
  const outcome = isFreshness ? 'arrival and outcome' : 'rows and values';
  const hasOutcome = measures.some((each) => each.outcome !== undefined);
  const cells = isFreshness ? freshnessCells : measureCells;
  return {
    head: [...(isFreshness ? FRESHNESS_HEAD : MEASURE_HEAD), ...(hasOutcome ? [outcome] : [])],
    rows: measures.map((each) => [...cells(each), ...(hasOutcome ? [each.outcome ?? ''] : [])]),
  };
}
