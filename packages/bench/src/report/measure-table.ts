import { MEASURE_HEAD, measureCells } from './format-measure.ts';
import { FRESHNESS_HEAD, freshnessCells } from './freshness-cells.ts';
import type { BenchResult, Measure } from './result.ts';

/** A table as text. */
export interface MeasureTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The heads of the columns of outcomes. */
const OUTCOMES: Readonly<Record<BenchResult['kind'], string>> = {
  stages: 'rows and values',
  peers: 'rows and values',
  freshness: 'arrival and outcome',
  proof: 'rows compared / rows read in the source / requests',
};

/** Returns the table of a group of measures; if a measure has an outcome, the last column shows the outcomes. */
export function measureTable(kind: BenchResult['kind'], measures: readonly Measure[]): MeasureTable {
  const isFreshness = kind === 'freshness';
  const hasOutcome = measures.some((each) => each.outcome !== undefined);
  const cells = isFreshness ? freshnessCells : measureCells;
  return {
    head: [...(isFreshness ? FRESHNESS_HEAD : MEASURE_HEAD), ...(hasOutcome ? [OUTCOMES[kind]] : [])],
    rows: measures.map((each) => [...cells(each), ...(hasOutcome ? [each.outcome ?? ''] : [])]),
  };
}
