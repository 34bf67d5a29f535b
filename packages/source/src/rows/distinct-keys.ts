import { type Connection, ErrorCode, PipelineError } from '@totesys/runtime';
import type { Model, SourceTable } from '@totesys/schema';
import type { FenceWindow } from '../snapshot/fence.ts';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import { proveKeys } from '../sql/prove-keys.ts';
import { countRows, findRepeatedKey, type RowSelection } from '../sql/select-rows.ts';
import { unscannable } from '../unreadable/read-around.ts';
import { setRowSelection } from './read-rows.ts';

/** Of which tables the server itself proves that keys are distinct, with a warning for each of the others: their keys are counted. */
export interface KeyProofs {
  readonly proven: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/** How many rows a selection has, and how many of them the fence's window shows. */
export interface RowCounts {
  readonly total: number;
  readonly inWindow: number;
}

interface ProofRow {
  readonly table: string;
  readonly is_unique: boolean;
  readonly is_not_null: boolean;
  readonly has_children: boolean;
}

/** Reads which tables' keys the server keeps distinct, as the connection's snapshot shows the indexes. */
export async function readKeyProofs(connection: Connection, model: Model): Promise<KeyProofs> {
  const [names, keys] = [model.source.map(({ name }) => name), model.source.map(({ key }) => key)];
  const rows = await connection.unsafe(proveKeys, [names as unknown as string, keys as unknown as string]);
  const proofs = new Map((rows as unknown as ProofRow[]).map((row) => [row.table, row]));
  const proven = new Set<string>();
  const warnings: string[] = [];
  for (const table of model.source) {
    const doubt = doubtOf(table, proofs.get(table.name));
    if (doubt === undefined) proven.add(table.name);
    else warnings.push(`Table '${table.name}' ${doubt}: each run counts its distinct keys, which takes longer.`);
  }
  return { proven, warnings: warnings.map((warning) => `${warning} ${REMEDY}`) };
}

const REMEDY = 'Add a primary key, and move the rows of inheritance children into partitions.';

function doubtOf({ key }: SourceTable, proof: ProofRow | undefined): string | undefined {
  if (!proof?.is_unique) return `has no unique index on '${key}' that is valid, immediate and whole`;
  if (!proof.is_not_null) return `has a unique index on '${key}', which may be null`;
  return proof.has_children ? 'has inheritance children, whose rows its unique index does not cover' : undefined;
}

/** Counts the selected rows; where no index proves their keys distinct, throws if a key occurs twice or is null. */
export async function countDistinctRows(
  connection: Connection,
  table: SourceTable,
  selection: RowSelection,
  { window, proven }: { window: FenceWindow | undefined; proven: ReadonlySet<string> },
): Promise<RowCounts> {
  const isProven = proven.has(table.name);
  await setRowSelection(connection, selection, window);
  const [row] = await connection.unsafe(countRows(table, selection, { window, keys: !isProven })).catch((error) => {
    throw unscannable(table, error);
  });
  const total = Number(row?.total);
  if (!isProven && total !== Number(row?.keys)) throw await repeatedKey(connection, table, selection);
  return { total, inWindow: Number(row?.in_window) };
}

/** Throws if a key of any table occurs twice or is null; a table with proof costs nothing. */
export async function requireDistinctKeys(snapshot: SourceSnapshot, model: Model): Promise<void> {
  const [connection] = snapshot.connections;
  const { proven } = await readKeyProofs(connection, model);
  for (const table of model.source) {
    if (!proven.has(table.name)) await countDistinctRows(connection, table, {}, { window: undefined, proven });
  }
}

async function repeatedKey(
  connection: Connection,
  table: SourceTable,
  selection: RowSelection,
): Promise<PipelineError> {
  const [row] = await connection.unsafe(findRepeatedKey(table, selection));
  const key = row?.key == null ? null : Number(row.key);
  const fault = key === null ? `a row whose key '${table.key}' is null` : `${row?.rows} rows with key ${key}`;
  return new PipelineError(
    ErrorCode.SOURCE_KEY_DUPLICATE,
    `Table '${table.name}' has ${fault}: expected each key once, in the table and its inheritance children, because a run follows rows by their key. Delete or renumber the row, then add a primary key; nothing is lost meanwhile.`,
    { context: { table: table.name, key } },
  );
}
