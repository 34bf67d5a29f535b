import { exactText } from '@totesys/columns';
import { findKeyBounds, type ObjectPart, readPart, type Store } from '@totesys/lake';
import { type ColumnType, lakeColumn } from '@totesys/schema';
import type * as arrow from 'apache-arrow';

/** A part up to this size is read as soon as its footer would be: bytes. */
const SMALL_BYTES = 64 * 1024;

/** Values by column, each as Postgres writes it. */
export type Values = Readonly<Record<string, string | null>>;

/** A column that is to be shown. */
interface ShownColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** The values of the row with that key in a part, undefined where it has none; a column that an older model did not have is left out. */
export async function findRow(
  store: Store,
  part: ObjectPart,
  columns: readonly ShownColumn[],
  keyColumn: string,
  key: number,
): Promise<Values | undefined> {
  for await (const rows of findRows(store, part, keyColumn, key)) return valuesAt(rows.batch, rows.row, columns);
  return undefined;
}

/** Every row with that key in a part. */
export async function* findRows(store: Store, part: ObjectPart, keyColumn: string, key: number) {
  if (part.bytes > SMALL_BYTES && !(await mayHold(store, part, keyColumn, key))) return;
  for await (const batch of readPart(store, part)) {
    const keys = batch.getChild(keyColumn)?.data[0]?.values as Int32Array | BigInt64Array | undefined;
    if (!keys) continue;
    for (let row = 0; row < batch.numRows; row++) if (Number(keys[row]) === key) yield { batch, row };
  }
}

async function mayHold(store: Store, part: ObjectPart, keyColumn: string, key: number): Promise<boolean> {
  const bounds = await findKeyBounds(store, { key: part.key, sizeBytes: part.bytes }, keyColumn).catch(() => undefined);
  if (bounds === 'none') return false;
  return !bounds || (bounds.first <= key && key <= bounds.last);
}

/** The values of one row of a record batch; a column of the warehouse has its value from the one that carries it in the lake. */
export function valuesAt(batch: arrow.RecordBatch, row: number, columns: readonly ShownColumn[]): Values {
  const values: Record<string, string | null> = {};
  for (const column of columns) {
    const data = batch.getChild(lakeColumn(column).name)?.data[0];
    if (data) values[column.name] = exactText(column.type, data, row);
  }
  return values;
}
