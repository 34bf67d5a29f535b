import type { Coverage, KeySet, TableWitness } from '@totesys/lake';
import type { WindowPairs } from '@totesys/source';
import { checkDeletes } from './check-deletes.ts';
import type { TableProgress } from './table-progress.ts';

/** What a run found in one table. */
export interface TableChanges {
  /** How far the table is covered after the run. */
  readonly coverage: Coverage;
  /** The keys of all rows that the batch carries as changed. */
  readonly carried: KeySet;
  readonly deleted: KeySet;
  /** The known keys after the run; undefined if they did not change. */
  readonly known: KeySet | undefined;
  readonly pairs: WindowPairs;
  /** The keys of carried rows that the last batch should have carried, and that hints have missed. */
  readonly overdue: KeySet;
  /** What a later run can expect of the table. */
  readonly witness: TableWitness | undefined;
}

/**
 * Returns what the run found. Throws if a large share of the known keys is deleted at once, even if a request asks
 * for these keys: a request asks for rows, it does not accept deletions.
 */
export async function finishTable(progress: TableProgress): Promise<TableChanges> {
  const { run, table, coverage, deleted } = progress;
  const carried = progress.carried.build();
  const [connection] = run.snapshot.connections;
  const witness = await progress.witness.build(connection, table, { carried, deleted, coverage });
  const found = {
    coverage,
    carried,
    deleted,
    pairs: progress.pairs.build(),
    overdue: progress.overdue.build(),
    witness,
  };
  if (carried.count === 0 && deleted.count === 0) return { ...found, known: undefined };
  const known = await progress.readKnown();
  const next = known.union(carried).minus(deleted);
  const lost = known.count - known.minus(deleted).count;
  checkDeletes(table.name, lost, known.count, run.requests.acceptedDeletes);
  const isChanged = lost > 0 || next.count !== known.count;
  return { ...found, known: isChanged ? next : undefined };
}
