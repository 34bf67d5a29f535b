import { KeySetBuilder } from '@totesys/lake';
import { countDistinctRows, type RowSelection } from '@totesys/source';
import { snapshotTable } from '../open/ingest-run.ts';
import { carryChunks } from './carry-chunks.ts';
import type { TableProgress } from './table-progress.ts';

/**
 * Carries rows after the last covered key, as far as the budget lasts. Known or requested keys without a row become
 * deletions.
 */
export async function coverTable(progress: TableProgress): Promise<void> {
  const { run, table, coverage } = progress;
  const after = typeof coverage === 'object' ? coverage.through : undefined;
  const selection: RowSelection = after === undefined ? {} : { after };
  const present = new KeySetBuilder();
  const begin = progress.tallyStarter(() => false, present);
  const reached = await carryChunks(progress, selection, { inOneChunk: false, begin });
  progress.coverage = reached === undefined ? 'full' : { through: reached };
  const found = present.build();
  const known = await progress.readKnown();
  // A table that is read again does not count: its batch ends as if covering had no limit.
  run.budget.cover(found.minus(known).count);
  await requireDistinct(progress, selection);
  const expected = known.union(progress.requested.named);
  const read = expected.within(after ?? Number.NEGATIVE_INFINITY, progress.coveredThrough);
  progress.delete(read.minus(found));
  if (reached !== undefined) await compareRest(progress, reached);
  // Only a run with budget left covers more, and such a run has read every request up to the covered key.
  run.requests.settle(table.name, progress.coveredThrough);
}

// The run has counted the rows that were covered before, but not these.
async function requireDistinct({ run, table, covered }: TableProgress, selection: RowSelection): Promise<void> {
  if (run.proven.has(table.name)) return;
  const all = { ...snapshotTable(run, table), window: undefined };
  await countDistinctRows(all, { ...covered, ...selection }, run.proven);
}

// A table that is read again has known keys after the covered ones. If a count shows that rows are missing, all of
// them are deleted at once: the check for unusual deletes must see their whole share, and the operator's acceptance
// holds for one batch.
async function compareRest(progress: TableProgress, reached: number): Promise<void> {
  const { run, table } = progress;
  const rest = (await progress.readKnown()).within(reached, Number.POSITIVE_INFINITY);
  if (rest.count === 0) return;
  const selection: RowSelection = { after: reached };
  const { total } = await countDistinctRows({ ...snapshotTable(run, table), window: undefined }, selection, run.proven);
  if (total < rest.count) progress.delete(rest.minus(await progress.readPresent(selection)));
}
