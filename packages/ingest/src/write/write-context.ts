import { type Coverage, KeySet, KeySetBuilder } from '@totesys/lake';
import { findSourceTable, type Join, joinsOf } from '@totesys/schema';
import type { RowSelection } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import type { TableChanges } from '../read/change-reader.ts';
import type { RowTally } from '../read/row-tally.ts';
import { writeSelected } from './write-changes.ts';

/** Changed keys whose referring rows one statement reads. */
const REFERRING_KEYS = 50_000;

/**
 * Carries the unchanged rows that join to a changed row: when a department changes, its staff must change in the warehouse though no
 * staff row did. Only rows that an earlier batch carries, the others are among the changes or come with their table's coverage.
 */
export async function writeContext(
  run: IngestRun,
  changes: ReadonlyMap<string, TableChanges>,
  coverageBefore: ReadonlyMap<string, Coverage>,
): Promise<void> {
  const written = new Map<string, KeySet>();
  for (const join of joinsOf(run.model)) {
    const selection = alreadyCarried(join, changes, coverageBefore);
    // A row that cannot be read shows nothing new: what joins to it keeps what it shows.
    const changed = (changes.get(join.table)?.carried ?? KeySet.empty).minus(run.unreadable.keysOf(join.table));
    if (!selection || changed.count === 0) continue;
    const table = findSourceTable(run.model, join.source);
    const carried = changes.get(join.source)?.carried ?? KeySet.empty;
    const before = written.get(join.source) ?? KeySet.empty;
    const seen = new KeySetBuilder();
    const begin = (): RowTally => {
      const found = new KeySetBuilder();
      return {
        accept: (_shown, key) => {
          if (carried.has(key) || before.has(key)) return false;
          found.add(key);
          return true;
        },
        keep: () => seen.addAll(found.build()),
      };
    };
    for (const keys of changed.chunks(REFERRING_KEYS)) {
      await writeSelected(run, table, 'context', {
        selection: { ...selection, keysIn: { column: join.by, keys } },
        begin,
      });
    }
    written.set(join.source, before.union(seen.build()));
  }
}

// The rows of the joining table that were covered before this run and still are; undefined where there are none.
function alreadyCarried(
  join: Join,
  changes: ReadonlyMap<string, TableChanges>,
  coverageBefore: ReadonlyMap<string, Coverage>,
): RowSelection | undefined {
  const bounds: number[] = [];
  for (const coverage of [coverageBefore.get(join.source), changes.get(join.source)?.coverage]) {
    if (coverage === undefined || coverage === 'none') return undefined;
    if (coverage !== 'full') bounds.push(coverage.through);
  }
  return bounds.length === 0 ? {} : { through: Math.min(...bounds) };
}
