import { type Coverage, KeySet, KeySetBuilder } from '@totesys/lake';
import { findSourceTable, type Join, joinsOf } from '@totesys/schema';
import { coveredThrough, type RowSelection } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import type { RowTally } from '../read/row-tally.ts';
import type { TableChanges } from '../read/table-changes.ts';
import { writeSelected } from './write-selected.ts';

/** Changed keys whose referring rows one statement reads. */
const REFERRING_KEYS = 50_000;

/**
 * Carries the unchanged rows that join to a changed row: if a department changes, its staff must change in the
 * warehouse although no staff row did. It carries only rows that earlier batches carry; other rows are among the
 * changes or come with their table's coverage.
 */
export async function writeContext(run: IngestRun, changes: ReadonlyMap<string, TableChanges>): Promise<void> {
  const written = new Map<string, KeySet>();
  for (const join of joinsOf(run.model)) {
    const selection = selectCarried(join, changes, run.coverageBefore);
    // An unreadable row shows no new values, so the rows that join to it keep theirs.
    const changed = (changes.get(join.table)?.carried ?? KeySet.empty).minus(run.unreadable.keysOf(join.table));
    if (!selection || changed.count === 0) continue;
    const table = findSourceTable(run.model, join.source);
    const before = written.get(join.source) ?? KeySet.empty;
    const carried = changes.get(join.source)?.carried ?? KeySet.empty;
    const found = new KeySetBuilder();
    for (const keys of changed.chunks(REFERRING_KEYS)) {
      await writeSelected(run, table, 'context', {
        selection: { ...selection, keysIn: { column: join.by, keys } },
        begin: () => tallyContext([carried, before], found),
      });
    }
    written.set(join.source, before.union(found.build()));
  }
}

function tallyContext(passOver: readonly KeySet[], into: KeySetBuilder): RowTally {
  const found = new KeySetBuilder();
  return {
    visit: (_xmin, key) => {
      if (passOver.some((keys) => keys.has(key))) return false;
      found.add(key);
      return true;
    },
    keep: () => into.addAll(found.build()),
  };
}

// Selects the rows of the joining table that are covered before and after this run; undefined if there are none.
function selectCarried(
  join: Join,
  changes: ReadonlyMap<string, TableChanges>,
  coverageBefore: ReadonlyMap<string, Coverage>,
): RowSelection | undefined {
  const before = coverageBefore.get(join.source) ?? 'none';
  const after = changes.get(join.source)?.coverage ?? 'none';
  if (before === 'none' || after === 'none') return undefined;
  const through = Math.min(coveredThrough(before), coveredThrough(after));
  return through === Number.POSITIVE_INFINITY ? {} : { through };
}
