import { type Connection, ErrorCode, PipelineError, query } from '@totesys/runtime';
import type { Model, SourceTable } from '@totesys/schema';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import {
  type CountOptions,
  countRows,
  findRepeatedKey,
  type RepeatedKeyRow,
  type RowCountsRow,
} from '../sql/count-rows.ts';
import { type KeyProofRow, proveKeys } from '../sql/prove-keys.ts';
import { MOST_FOUND_KEYS, type RowSelection } from '../sql/row-selection.ts';
import { unscannable } from '../unreadable/unscannable.ts';
import { type SnapshotTable, setRowSelection } from './read-rows.ts';

/**
 * The tables whose keys the server itself keeps distinct, with a warning for each of the others: runs count their
 * keys.
 */
export interface KeyProofs {
  readonly proven: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/** How many rows a selection has, and how many of them are in the fence's window. */
export interface RowCounts {
  readonly total: number;
  readonly inWindow: number;
  /** The keys of the rows in the window, if an index finds them and they are not too many to list. */
  readonly keysInWindow?: readonly number[];
}

const REMEDY = 'Add a primary key, and move the rows of inheritance children into partitions.';

/** Reads which tables' keys the server keeps distinct, from the indexes in the connection's snapshot. */
export async function readKeyProofs(connection: Connection, model: Model): Promise<KeyProofs> {
  const parameters = [model.source.map(({ name }) => name), model.source.map(({ key }) => key)];
  const rows = await query<KeyProofRow>(connection, { text: proveKeys, parameters });
  const proofs = new Map(rows.map((row) => [row.table, row]));
  const proven = new Set<string>();
  const warnings: string[] = [];
  for (const table of model.source) {
    const doubt = doubtOf(table, proofs.get(table.name));
    if (doubt === undefined) proven.add(table.name);
    else
      warnings.push(`Table '${table.name}' ${doubt}: each run counts its distinct keys, which takes longer. ${REMEDY}`);
  }
  return { proven, warnings };
}

function doubtOf({ key }: SourceTable, proof: KeyProofRow | undefined): string | undefined {
  if (!proof?.is_unique) return `has no unique index on '${key}' that is valid, immediate and whole`;
  if (!proof.is_not_null) return `has a unique index on '${key}', but the key may be null`;
  return proof.has_children ? 'has inheritance children, whose rows its unique index does not cover' : undefined;
}

/** Counts the selected rows; if no index proves their keys distinct, throws if a key occurs twice or is null. */
export async function countDistinctRows(
  from: SnapshotTable,
  selection: RowSelection,
  proven: ReadonlySet<string>,
): Promise<RowCounts> {
  const { connection, table, window } = from;
  if (proven.has(table.name)) return await countByScan(from, selection);
  const row = await count(from, selection, { ...(window && { window: 'count' }), distinct: true });
  if (row.total !== row.keys) throw await repeatedKey(connection, table, selection);
  return { total: Number(row.total), inWindow: Number(row.in_window ?? 0) };
}

async function countByScan(from: SnapshotTable, selection: RowSelection): Promise<RowCounts> {
  const { window } = from;
  const row = await count(from, selection, window ? { window: 'keys' } : {});
  const total = Number(row.total);
  const keysInWindow: number[] = JSON.parse(row.found ?? '[]');
  if (keysInWindow.length < MOST_FOUND_KEYS && keysInWindow.every(Number.isSafeInteger)) {
    return { total, inWindow: keysInWindow.length, keysInWindow };
  }
  const { in_window: inWindow } = await count(from, selection, { window: 'count' });
  return { total, inWindow: Number(inWindow) };
}

async function count(
  { connection, table, window }: SnapshotTable,
  selection: RowSelection,
  options: CountOptions,
): Promise<RowCountsRow> {
  await setRowSelection(connection, selection, window);
  const [row] = await query<RowCountsRow>(connection, { text: countRows(table, selection, options) }).catch((error) => {
    throw unscannable(table, error);
  });
  return row!;
}

/** Throws if a key of any table occurs twice or is null; a table whose keys are proven costs nothing. */
export async function requireDistinctKeys(snapshot: SourceSnapshot, model: Model): Promise<void> {
  const [connection] = snapshot.connections;
  const { proven } = await readKeyProofs(connection, model);
  for (const table of model.source) {
    if (!proven.has(table.name)) await countDistinctRows({ connection, table, window: undefined }, {}, proven);
  }
}

async function repeatedKey(
  connection: Connection,
  table: SourceTable,
  selection: RowSelection,
): Promise<PipelineError> {
  const [row] = await query<RepeatedKeyRow>(connection, { text: findRepeatedKey(table, selection) });
  const key = row?.key == null ? null : Number(row.key);
  const fault = key === null ? `a row whose key '${table.key}' is null` : `${row?.rows} rows with key ${key}`;
  const expected = 'expected each key once, in the table and its inheritance children';
  const remedy = 'Delete or renumber the row, then add a primary key; nothing is lost meanwhile.';
  return new PipelineError(
    ErrorCode.SOURCE_KEY_DUPLICATE,
    `Table '${table.name}' has ${fault}: ${expected}, because a run follows rows by their key. ${remedy}`,
    { context: { table: table.name, key } },
  );
}
