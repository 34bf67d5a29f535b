import type { WindowPairs } from '../carried/window-pairs.ts';
import { describeLayoutChange } from '../layout/layout-change.ts';
import { FIRST_EPOCH, fenceNumber, widenTransactionId } from '../snapshot/fence.ts';
import { type FoundRow, readWitnessRows } from './read-witness-rows.ts';
import type { WitnessRow } from './table-witness.ts';
import type { Witnessed, WitnessedTable } from './witnessed.ts';

/**
 * What a row is judged by: the id before which batches carry everything (`xmin`), the snapshot's `xmax`, and the window
 * pairs.
 */
export interface Judge {
  readonly xmin: number;
  readonly xmax: number;
  readonly pairs: Pick<WindowPairs, 'has'> | undefined;
  /** Whether the layout is unchanged since the last batch, so that hashes can be compared. */
  readonly isComparable: boolean;
}

/**
 * Looks up the rows and deleted keys that the manifest names as witnesses. Returns the first contradiction as a
 * sentence.
 */
export async function checkWitnessRows(
  { completeBefore, snapshot, layout, pairs }: Witnessed,
  tables: readonly WitnessedTable[],
): Promise<string | undefined> {
  const wanted = tables.map(({ table, rows, witness }) => ({
    table,
    keys: [...rows.map(({ key }) => key), ...witness.deleted],
  }));
  const found = await readWitnessRows(snapshot.connections[0], wanted);
  for (const { table, before, rows, witness } of tables) {
    const judge: Judge = {
      xmin: fenceNumber(completeBefore),
      xmax: fenceNumber(snapshot.fence.xmax),
      pairs: pairs.get(table.name),
      isComparable: describeLayoutChange(before.layout, layout.tables.get(table.name)!) === undefined,
    };
    const isContradicted = (key: number, seen?: WitnessRow) => {
      const versions = found.filter((row) => row.table === table && row.key === key);
      return versions.length > 0 && versions.every((version) => contradicts(judge, seen, version));
    };
    const other = rows.find((row) => isContradicted(row.key, row));
    if (other) {
      return `row ${other.key} of table '${table.name}' is neither the version that a batch carried nor a later one`;
    }
    const back = witness.deleted.find((key) => isContradicted(key));
    if (back !== undefined) {
      return `row ${back} of table '${table.name}', which a batch deleted, exists again as it was before`;
    }
  }
  return undefined;
}

/**
 * Returns whether a row cannot be a later state of what batches saw of its key: `seen`, or its deletion. A version
 * written after the last batch has an id that is not older than `xmin`; a version that a batch carried before
 * `seen` never comes back.
 */
export function contradicts(
  { xmin, xmax, pairs, isComparable }: Judge,
  seen: WitnessRow | undefined,
  now: Pick<FoundRow, 'key' | 'xmin' | 'hash'>,
): boolean {
  if (seen && now.xmin === seen.id % FIRST_EPOCH) {
    return isComparable && now.hash !== undefined && now.hash !== seen.hash;
  }
  const id = widenTransactionId(now.xmin, xmax);
  return id < xmin || (pairs?.has(id, now.key) ?? false);
}
