import { ErrorCode, PipelineError } from '@totesys/runtime';

/** Deletes of more than this share of a table and more than this many rows at once need the operator's acceptance. */
const UNUSUAL_SHARE = 0.3;
const UNUSUAL_ROWS = 1_000;

/** Throws if an unusual share of a table is deleted, unless the operator has accepted it. */
export function checkDeletes(table: string, deleted: number, known: number, accepted: ReadonlySet<string>): void {
  if (deleted <= UNUSUAL_ROWS || deleted <= UNUSUAL_SHARE * known || accepted.has(table)) return;
  const percent = Math.round((100 * deleted) / known);
  const fault = `Table '${table}' has lost ${deleted} of ${known} rows (${percent} %) since the last run`;
  const expected = `expected at most ${100 * UNUSUAL_SHARE} % or ${UNUSUAL_ROWS} rows at once`;
  throw new PipelineError(
    ErrorCode.DELETES_UNUSUAL,
    `${fault}: ${expected}. Restore the rows, or accept the deletions: totesys accept deletes ${table}`,
    { context: { table, deleted, known } },
  );
}
