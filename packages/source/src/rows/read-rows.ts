import {
  arrowSchema,
  CopyDecoder,
  columnDecoder,
  type RowVisitor,
  recordBatch,
  type Uncarriable,
} from '@totesys/columns';
import { type Connection, copyOut } from '@totesys/runtime';
import type { SourceTable } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import type { FenceWindow } from '../snapshot/fence.ts';
import { copyKeys, copyRows, type RowSelection, setSelection } from '../sql/select-rows.ts';

/** Rows and bytes of Arrow data at which a block is full: a part is encoded in memory, so this bounds it. */
const BLOCK_ROWS = 200_000;
const BLOCK_BYTES = 32 * 1024 * 1024;

/** How rows of a table are read: which, decided by whom, and what becomes of each full block. */
export interface RowReading {
  readonly selection: RowSelection;
  readonly window: FenceWindow | undefined;
  readonly accept: RowVisitor;
  /** Leave out rows with a value that Arrow cannot carry; otherwise such a value becomes null. Either is told. */
  readonly rejectRows: boolean;
  onBlock(block: arrow.RecordBatch): Promise<void>;
}

/** Streams the selected rows in blocks of bounded size; gives what could not be carried. */
export async function readRows(
  connection: Connection,
  table: SourceTable,
  reading: RowReading,
): Promise<Uncarriable[]> {
  const columns = Object.entries(table.columns).map(([name, { type }]) => columnDecoder(name, type));
  const decoder = new CopyDecoder(columns, {
    table: table.name,
    bigKeys: hasBigKeys(table),
    rejectRows: reading.rejectRows,
    visit: reading.accept,
  });
  const schema = arrowSchema(Object.entries(table.columns).map(([name, { type }]) => ({ name, type })));
  const flush = async () => {
    const length = decoder.rows;
    if (length === 0) return;
    decoder.rows = 0;
    const children = columns.map(({ builder }) => builder.finish());
    await reading.onBlock(recordBatch(schema, children, length));
  };
  await setRowSelection(connection, reading.selection, reading.window);
  for await (const chunk of copyOut(connection, copyRows(table, reading.selection))) {
    decoder.push(chunk);
    if (decoder.rows >= BLOCK_ROWS || sizeBytes(columns) >= BLOCK_BYTES) await flush();
  }
  decoder.end();
  await flush();
  return decoder.uncarriable;
}

/** Streams the selected rows' transaction ids (32 bits) and keys. */
export async function readKeys(
  connection: Connection,
  table: SourceTable,
  selection: RowSelection,
  window: FenceWindow | undefined,
  onKey: (transactionId: number, key: number) => void,
): Promise<void> {
  const visit = (transactionId: number, key: number) => {
    onKey(transactionId, key);
    return false;
  };
  const decoder = new CopyDecoder([], { table: table.name, bigKeys: hasBigKeys(table), rejectRows: false, visit });
  await setRowSelection(connection, selection, window);
  for await (const chunk of copyOut(connection, copyKeys(table, selection))) decoder.push(chunk);
  decoder.end();
}

/** Puts a selection's values where its statements read them. */
export async function setRowSelection(
  connection: Connection,
  selection: RowSelection,
  window: FenceWindow | undefined,
): Promise<void> {
  const lists = [selection.keysIn?.keys, selection.without].map((keys) => (keys ? `{${keys.join(',')}}` : ''));
  const settings = [window?.low, window?.span, selection.after, selection.through];
  await connection.unsafe(setSelection, [
    ...settings.map((value) => (value === undefined ? '' : String(value))),
    ...lists,
  ]);
}

function hasBigKeys(table: SourceTable): boolean {
  return table.columns[table.key]!.type.kind === 'bigint';
}

function sizeBytes(columns: readonly { readonly builder: { readonly sizeBytes: number } }[]): number {
  let total = 0;
  for (const { builder } of columns) total += builder.sizeBytes;
  return total;
}
