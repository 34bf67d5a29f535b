import { type Connection, copyOut, inSavepoint, query } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import { keyLimits } from '../rows/key-limits.ts';
import { type SnapshotTable, setRowSelection } from '../rows/read-rows.ts';
import { copyRows } from '../sql/copy-statements.ts';
import { boundKeys, type KeyBoundsRow } from '../sql/count-rows.ts';
import type { RowSelection } from '../sql/row-selection.ts';
import { findFaults, type Probe, type RowFault, rowFaultOf } from './find-faults.ts';
import { tooManyUnreadable } from './unreadable-rows.ts';
import { unscannable } from './unscannable.ts';

/**
 * The most unreadable rows that a search may find. It is more than one run puts into quarantine, because earlier
 * batches may already have put rows of the window there.
 */
const MOST_FAULTS = 1_000;

/**
 * Reads the selected rows in a savepoint. If the server fails on a row, finds the rows on which it fails and calls
 * `read` again without them; `read` must discard what the failed call read.
 */
export async function readWithoutUnreadable<T>(
  from: SnapshotTable,
  selection: RowSelection,
  read: (selection: RowSelection, unreadable: ReadonlyMap<number, RowFault>) => Promise<T>,
): Promise<T> {
  const { connection } = from;
  try {
    return await inSavepoint(connection, () => read(selection, new Map()));
  } catch (error) {
    if (!rowFaultOf(error)) throw error;
    const unreadable = await findUnreadable(from, selection);
    if (unreadable.size === 0) throw unscannable(from.table, error);
    return await inSavepoint(connection, () => read({ ...selection, without: [...unreadable.keys()] }, unreadable));
  }
}

/**
 * Returns the keys of the selected rows that the server fails to read, each with its fault; throws if they are too
 * many.
 */
export async function findUnreadable(from: SnapshotTable, selection: RowSelection): Promise<Map<number, RowFault>> {
  const { table } = from;
  const { least } = keyLimits(table);
  const { after: _after, ...rest } = selection;
  const found = new Map<number, RowFault>();
  const bounds = await findBounds(from, selection);
  if (!bounds) return found;
  const probe: Probe = (first, last) =>
    // The least integer has no predecessor.
    probeRows(from, { ...rest, through: last, ...(first > least && { after: first - 1 }) });
  await findFaults(probe, { ...bounds, isKnown: true }, found, MOST_FAULTS);
  if (found.size > MOST_FAULTS) throw tooManyUnreadable(table.name, found, MOST_FAULTS);
  return found;
}

/** Returns those of the given keys whose rows the server fails to read. */
export async function findUnreadableKeys(
  connection: Connection,
  table: SourceTable,
  keys: readonly number[],
): Promise<Set<number>> {
  const from = { connection, table, window: undefined };
  const selection = { keysIn: { column: table.key, keys } };
  if (keys.length === 0 || !(await probeRows(from, selection))) return new Set();
  return new Set((await findUnreadable(from, selection)).keys());
}

/**
 * Does work over a whole table in a savepoint. If the server fails on a row, does it again without the unreadable
 * rows.
 */
export async function aroundUnreadableKeys<T>(
  connection: Connection,
  table: SourceTable,
  work: (without: readonly number[]) => Promise<T>,
): Promise<T> {
  return await readWithoutUnreadable({ connection, table, window: undefined }, {}, ({ without = [] }) => work(without));
}

/** Returns the columns of one row that the server fails to read. */
export async function findUnreadableColumns(
  from: SnapshotTable,
  key: number,
): Promise<{ column: string; fault: RowFault }[]> {
  const selection = { keysIn: { column: from.table.key, keys: [key] } };
  const columns: { column: string; fault: RowFault }[] = [];
  for (const column of Object.keys(from.table.columns)) {
    const fault = await probeRows(from, selection, [column]);
    if (fault) columns.push({ column, fault });
  }
  return columns;
}

// Runs the statement that carries rows and discards its output, so that it fails on exactly the rows on which a run
// fails.
async function probeRows(
  { connection, table, window }: SnapshotTable,
  selection: RowSelection,
  columns?: readonly string[],
): Promise<RowFault | undefined> {
  try {
    await inSavepoint(connection, async () => {
      await setRowSelection(connection, selection, window);
      for await (const _chunk of copyOut(connection, copyRows(table, selection, columns)));
    });
    return undefined;
  } catch (error) {
    const fault = rowFaultOf(error);
    if (fault) return fault;
    throw error;
  }
}

async function findBounds({ connection, table, window }: SnapshotTable, { keysIn, after, through }: RowSelection) {
  if (keysIn?.column === table.key) {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const key of keysIn.keys) [first, last] = [Math.min(first, key), Math.max(last, key)];
    return first <= last ? { first, last } : undefined;
  }
  const range: RowSelection = { ...(after !== undefined && { after }), ...(through !== undefined && { through }) };
  try {
    return await inSavepoint(connection, async () => {
      await setRowSelection(connection, range, window);
      const [row] = await query<KeyBoundsRow>(connection, { text: boundKeys(table, range) });
      return row?.first == null ? undefined : { first: Number(row.first), last: Number(row.last) };
    });
  } catch (error) {
    throw rowFaultOf(error) ? unscannable(table, error) : error;
  }
}
