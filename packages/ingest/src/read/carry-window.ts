import type { RowVisitor } from '@totesys/columns';
import { type KeySet, KeySetBuilder } from '@totesys/lake';
import {
  fenceNumber,
  findDifferingKeys,
  keyLimits,
  knownKeyCount,
  type RowCounts,
  selectInWindow,
} from '@totesys/source';
import { snapshotTable, transactionIdOf } from '../open/ingest-run.ts';
import { writeSelected } from '../write/write-selected.ts';
import { carryChunks } from './carry-chunks.ts';
import type { TableProgress } from './table-progress.ts';

/** Keys of unknown rows that one statement reads. */
const UNKNOWN_KEYS = 50_000;

/**
 * Carries what changed among the covered rows. Returns false if the budget ended it; the table is then covered up to
 * the last key read. Every key of the source is either known or among the rows of the window, so equal counts prove
 * that no row was deleted. Only if the counts differ are keys read and compared, where a count by buckets differs, too.
 */
export async function carryWindow(progress: TableProgress, counts: RowCounts): Promise<boolean> {
  const { run, table } = progress;
  const windowKeys = new KeySetBuilder();
  const reached = counts.inWindow === 0 ? undefined : await carryNewVersions(progress, counts, windowKeys);
  if (reached !== undefined) progress.coverage = { through: reached };
  const keysInWindow = windowKeys.build();
  const isSame = counts.total === knownKeyCount(run.state, table);
  if (keysInWindow.count === 0 && progress.coverage === 'full' && isSame) return true;
  const knownKeys = (await progress.readKnown()).within(Number.NEGATIVE_INFINITY, progress.coveredThrough);
  if (reached !== undefined || counts.total !== knownKeys.union(keysInWindow).count) {
    await compareCovered(progress, knownKeys, keysInWindow);
  }
  return reached === undefined;
}

// Carries the rows of the window, except versions that an earlier batch carries.
async function carryNewVersions(
  progress: TableProgress,
  counts: RowCounts,
  windowKeys: KeySetBuilder,
): Promise<number | undefined> {
  const { run, table } = progress;
  const windowPairs = run.pairs.tables.get(table.name);
  const seenBefore = fenceNumber(run.state!.manifest.fence.to.xmin);
  const isCarried: RowVisitor = (xmin, key) => {
    const id = transactionIdOf(run, xmin);
    if (windowPairs?.has(id, key)) return true;
    // The last batch saw this version, but followed a hint that lacked it.
    if (id < seenBefore) progress.overdue.add(key);
    return false;
  };
  return await carryChunks(progress, selectInWindow(table, progress.coverage, counts), {
    inOneChunk: counts.inWindow <= run.budget.chunkRows,
    begin: progress.tallyStarter(isCarried, windowKeys),
  });
}

// Deletes the known keys that have no row, and carries the rows whose key is not known although the window does not
// show them. Keys are read only where a count shows a difference.
async function compareCovered(progress: TableProgress, knownKeys: KeySet, keysInWindow: KeySet): Promise<void> {
  const { run, table } = progress;
  const expected = knownKeys.union(keysInWindow);
  // Without an index on the key, each range of keys would be read by a scan of the whole table.
  const differing = run.proven.has(table.name)
    ? await findDifferingKeys(snapshotTable(run, table), progress.covered, expected)
    : undefined;
  const keysInSource = await readPresentIn(progress, differing);
  const compared = differing ? knownKeys.minus(knownKeys.minus(differing)) : knownKeys;
  progress.delete(compared.minus(keysInSource));
  for (const keys of keysInSource.minus(knownKeys).minus(keysInWindow).chunks(UNKNOWN_KEYS)) {
    const selection = { keysIn: { column: table.key, keys } };
    await writeSelected(run, table, 'changed', { selection, begin: progress.tallyStarter(() => false) });
  }
}

// Reads the keys of the covered rows, all of them or those in a set of ranges.
async function readPresentIn(progress: TableProgress, places: KeySet | undefined): Promise<KeySet> {
  if (!places) return await progress.readPresent(progress.covered);
  const { least } = keyLimits(progress.table);
  const present = new KeySetBuilder();
  for (const [first, last] of places.ranges()) {
    const through = Math.min(last, progress.coveredThrough);
    const after = first > least ? { after: first - 1 } : {};
    if (first <= through) present.addAll(await progress.readPresent({ ...after, through }));
  }
  return present.build();
}
