import { type Connection, query } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import {
  type BoundedCountRow,
  countAtMost,
  countAtMostAfter,
  explainRows,
  explainRowsAfter,
  type PlanRow,
} from '../sql/estimate-rows.ts';

/** Rows up to which they are counted, which takes milliseconds: the planner guesses the size of a small table. */
const MOST_COUNTED = 100_000;

/** A number of rows, counted or estimated by the planner. */
export interface RowEstimate {
  readonly rows: number;
  readonly isEstimate: boolean;
}

/**
 * Returns about how many rows a table has, or how many with keys above `after`. Few rows are counted; for more, the
 * planner estimates them from the size of the table and the statistics of its last ANALYZE.
 */
export async function estimateRows(connection: Connection, table: SourceTable, after?: number): Promise<RowEstimate> {
  const count =
    after === undefined
      ? { text: countAtMost(table), parameters: [MOST_COUNTED + 1] }
      : { text: countAtMostAfter(table), parameters: [MOST_COUNTED + 1, String(after)] };
  const [counted] = await query<BoundedCountRow>(connection, count);
  if (counted!.rows <= MOST_COUNTED) return { rows: counted!.rows, isEstimate: false };
  const explain =
    after === undefined ? { text: explainRows(table) } : { text: explainRowsAfter(table), parameters: [String(after)] };
  const [row] = await query<PlanRow>(connection, explain);
  return { rows: Math.max(row!['QUERY PLAN'][0].Plan['Plan Rows'], counted!.rows), isEstimate: true };
}
