import {
  type Connection,
  copyOut,
  describeDatabaseError,
  ErrorCode,
  inSavepoint,
  PipelineError,
} from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import { keyLimits } from '../rows/key-limits.ts';
import { setRowSelection } from '../rows/read-rows.ts';
import type { FenceWindow } from '../snapshot/fence.ts';
import { boundKeys, copyRows, type RowSelection } from '../sql/select-rows.ts';
import { findFaults, type Probe, type RowFault, rowFaultOf } from './find-faults.ts';
import { tooManyUnreadable } from './unreadable-rows.ts';

/** Unreadable rows of one statement that are looked for: those of a window may have been carried by earlier batches. */
const MOST_FAULTS = 1_000;

/** Where rows are read: the connection, the table, and the fence's window. */
export interface Reading {
  readonly connection: Connection;
  readonly table: SourceTable;
  readonly window: FenceWindow | undefined;
}

/**
 * Reads the selected rows in a savepoint. Where the server fails on a row, the rows that it fails on are found and `read` begins again without them:
 * what a failed attempt brought must not count.
 */
export async function readAround<T>(
  reading: Reading,
  selection: RowSelection,
  read: (selection: RowSelection, unreadable: ReadonlyMap<number, RowFault>) => Promise<T>,
): Promise<T> {
  const { connection } = reading;
  try {
    return await inSavepoint(connection, () => read(selection, new Map()));
  } catch (error) {
    if (!rowFaultOf(error)) throw error;
    const unreadable = await findUnreadable(reading, selection);
    if (unreadable.size === 0) throw unscannable(reading.table, error);
    return await inSavepoint(connection, () => read({ ...selection, without: [...unreadable.keys()] }, unreadable));
  }
}

/** The keys of the selected rows that the server fails to read, each with its fault; at most some more than a run accepts. */
export async function findUnreadable(reading: Reading, selection: RowSelection): Promise<Map<number, RowFault>> {
  const { table } = reading;
  const { least } = keyLimits(table);
  const { after: _after, ...rest } = selection;
  const found = new Map<number, RowFault>();
  const bounds = await findBounds(reading, selection);
  if (!bounds) return found;
  const probe: Probe = (first, last) =>
    // One below the least integer is none.
    probeRows(reading, { ...rest, through: last, ...(first > least && { after: first - 1 }) });
  await findFaults(probe, { ...bounds, isKnown: true }, found, MOST_FAULTS);
  if (found.size > MOST_FAULTS) throw tooManyUnreadable(table.name, found, MOST_FAULTS);
  return found;
}

/** Those of the given keys whose rows the server fails to read. */
export async function findUnreadableKeys(
  connection: Connection,
  table: SourceTable,
  keys: readonly number[],
): Promise<Set<number>> {
  const reading = { connection, table, window: undefined };
  const selection = { keysIn: { column: table.key, keys } };
  if (keys.length === 0 || !(await probeRows(reading, selection))) return new Set();
  return new Set((await findUnreadable(reading, selection)).keys());
}

/** Does work over a whole table in a savepoint, and again without the rows that the server fails to read where it fails on one. */
export async function aroundUnreadableKeys<T>(
  connection: Connection,
  table: SourceTable,
  work: (without: readonly number[]) => Promise<T>,
): Promise<T> {
  return await readAround({ connection, table, window: undefined }, {}, ({ without = [] }) => work(without));
}

/** The columns of one row that the server fails to read. */
export async function findUnreadableColumns(
  reading: Reading,
  key: number,
): Promise<{ column: string; fault: RowFault }[]> {
  const selection = { keysIn: { column: reading.table.key, keys: [key] } };
  const columns: { column: string; fault: RowFault }[] = [];
  for (const column of Object.keys(reading.table.columns)) {
    const fault = await probeRows(reading, selection, [column]);
    if (fault) columns.push({ column, fault });
  }
  return columns;
}

// The very statement that carries rows, its rows dropped: what it reads, and as what, is what a run reads.
async function probeRows(
  { connection, table, window }: Reading,
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

async function findBounds({ connection, table, window }: Reading, { keysIn, after, through }: RowSelection) {
  if (keysIn?.column === table.key) {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const key of keysIn.keys) [first, last] = [Math.min(first, key), Math.max(last, key)];
    return first <= last ? { first, last } : undefined;
  }
  const range: RowSelection = { ...(after !== undefined && { after }), ...(through !== undefined && { through }) };
  try {
    return await inSavepoint(connection, async () => {
      await setRowSelection(connection, range, window);
      const [row] = await connection.unsafe(boundKeys(table, range));
      return row?.first == null ? undefined : { first: Number(row.first), last: Number(row.last) };
    });
  } catch (error) {
    throw rowFaultOf(error) ? unscannable(table, error) : error;
  }
}

/** The error of a table whose rows cannot be told apart: a damaged page fails for whatever reads it. */
export function unscannable(table: SourceTable, error: unknown): PipelineError {
  const said = describeDatabaseError(error, `Table 'public.${table.name}' of the source`, 'source');
  if (!rowFaultOf(error)) return said;
  return new PipelineError(
    ErrorCode.SOURCE_ROW_UNREADABLE,
    `${said.message} The table cannot be scanned, so no single row can be left out. Restore what the server names from a backup; nothing is lost meanwhile.`,
    { context: { ...said.context, table: table.name }, cause: said },
  );
}
