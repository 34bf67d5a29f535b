import { ErrorCode, PipelineError } from '@totesys/runtime';

/** More than this share of a table and more than this many rows at once is taken for an accident until a person says otherwise. */
const UNUSUAL_SHARE = 0.3;
const UNUSUAL_ROWS = 1_000;

/** Stops a run that finds an unusual share of a table deleted, unless a person has accepted it. */
export function checkDeletes(table: string, deleted: number, known: number, accepted: ReadonlySet<string>): void {
  if (deleted <= UNUSUAL_ROWS || deleted <= UNUSUAL_SHARE * known || accepted.has(table)) return;
  const percent = Math.round((100 * deleted) / known);
  throw new PipelineError(
    ErrorCode.DELETES_UNUSUAL,
    `Table '${table}' has lost ${deleted} of ${known} rows (${percent} %) since the last run: expected at most ${100 * UNUSUAL_SHARE} % or ${UNUSUAL_ROWS} rows at once. Put them back, or run: totesys accept deletes ${table}`,
    { context: { table, deleted, known } },
  );
}
