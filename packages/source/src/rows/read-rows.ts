import {
  arrowSchema,
  CopyDecoder,
  columnDecoder,
  type RowVisitor,
  recordBatch,
  type Uncarriable,
} from '@totesys/columns';
import { type Connection, collectBuffers, copyOut, execute } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { type FenceWindow, FIRST_EPOCH } from '../snapshot/fence.ts';
import { copyKeys, copyRows } from '../sql/copy-statements.ts';
import { textColumns } from '../sql/long-texts.ts';
import { type RowSelection, setSelection } from '../sql/row-selection.ts';

/**
 * Rows and bytes of Arrow data of a block: a part is encoded in memory, so this bounds it. A row is longer than a block
 * only if it has several texts of some megabytes.
 */
const BLOCK_ROWS = 200_000;
const BLOCK_BYTES = 18 * 1024 * 1024;
/** The size of a row from which its buffers are freed before the next row: bytes. */
const LONG_ROW_BYTES = 4 * 1024 * 1024;

/** A table as one connection sees it in a snapshot, and the fence's window, undefined if all rows are read. */
export interface SnapshotTable {
  readonly connection: Connection;
  readonly table: SourceTable;
  readonly window: FenceWindow | undefined;
}

/** Which rows are read, and what is done with them. */
export interface ReadOptions {
  readonly selection: RowSelection;
  /** Sees every selected row; returns whether it is decoded. */
  readonly visit: RowVisitor;
  /**
   * Whether rows with a value that cannot be carried are left out; otherwise such a value becomes null. `readRows`
   * returns what it left out in both cases.
   */
  readonly rejectRows: boolean;
  onBlock(block: arrow.RecordBatch): Promise<void>;
}

/** What `readRows` left out: the values that Arrow cannot carry, and the keys of rows with texts that are too long. */
export interface LeftOut {
  readonly uncarriable: readonly Uncarriable[];
  readonly withLongTexts: readonly number[];
}

/** Streams the selected rows in blocks of bounded size; returns what it left out. */
export async function readRows(
  { connection, table, window }: SnapshotTable,
  { selection, visit, rejectRows, onBlock }: ReadOptions,
): Promise<LeftOut> {
  const columns = Object.entries(table.columns).map(([name, { type }]) => columnDecoder(name, type));
  const decoder = new CopyDecoder(columns, {
    table: table.name,
    bigKeys: hasBigKeys(table),
    rejectRows,
    hasMark: textColumns(table).length > 0,
    visit,
  });
  const schema = arrowSchema(Object.entries(table.columns).map(([name, { type }]) => ({ name, type })));
  const flush = async () => {
    const length = decoder.rows;
    if (length === 0) return;
    decoder.rows = 0;
    const children = columns.map(({ builder }) => builder.finish());
    await onBlock(recordBatch(schema, children, length));
  };
  await setRowSelection(connection, selection, window);
  for await (const chunk of copyOut(connection, copyRows(table, selection))) {
    // A long row is one chunk.
    const isLong = chunk.length >= LONG_ROW_BYTES;
    if (isLong) collectBuffers();
    if (sizeBytes(columns) + chunk.length > BLOCK_BYTES) await flush();
    decoder.push(chunk);
    if (decoder.rows >= BLOCK_ROWS || isLong) await flush();
    if (isLong) collectBuffers();
  }
  decoder.end();
  await flush();
  return { uncarriable: decoder.uncarriable, withLongTexts: decoder.marked };
}

/** Streams the 32-bit xmin and the key of each selected row. */
export async function readKeys(
  { connection, table, window }: SnapshotTable,
  selection: RowSelection,
  onKey: (xmin: number, key: number) => void,
): Promise<void> {
  const visit = (xmin: number, key: number) => {
    onKey(xmin, key);
    return false;
  };
  const decoder = new CopyDecoder([], { table: table.name, bigKeys: hasBigKeys(table), rejectRows: false, visit });
  await setRowSelection(connection, selection, window);
  for await (const chunk of copyOut(connection, copyKeys(table, selection))) decoder.push(chunk);
  decoder.end();
}

/** Writes a selection's values to the settings from which statements read them. */
export async function setRowSelection(
  connection: Connection,
  selection: RowSelection,
  window: FenceWindow | undefined,
): Promise<void> {
  const lists = [selection.keysIn?.keys, selection.without].map((keys) => (keys ? `{${keys.join(',')}}` : ''));
  const high = window && (window.low + window.span) % FIRST_EPOCH;
  const settings = [window?.low, window?.span, high, selection.after, selection.through];
  const parameters = [...settings.map((value) => (value === undefined ? '' : String(value))), ...lists];
  await execute(connection, { text: setSelection, parameters });
}

function hasBigKeys(table: SourceTable): boolean {
  return table.columns[table.key]!.type.kind === 'bigint';
}

function sizeBytes(columns: readonly { readonly builder: { readonly sizeBytes: number } }[]): number {
  let total = 0;
  for (const { builder } of columns) total += builder.sizeBytes;
  return total;
}
