import { exactText } from '@totesys/columns';
import { findKeyBounds, type ObjectPart, readPart, type Store } from '@totesys/lake';
import { type ColumnType, lakeColumn } from '@totesys/schema';
import type * as arrow from 'apache-arrow';

/** Reading the footer of a part up to this size costs as much as reading the whole part: bytes. */
const SMALL_BYTES = 64 * 1024;

/** Values by column, each as Postgres writes it. */
export type Values = Readonly<Record<string, string | null>>;

/** The key of the wanted rows and the column that contains it. */
export interface WantedKey {
  readonly column: string;
  readonly key: number;
}

/** A column whose values are read. */
interface ReadColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** Returns the values of the row with the key, or undefined if the part lacks it. Omits columns that the part lacks. */
export async function findRow(
  store: Store,
  part: ObjectPart,
  wanted: WantedKey,
  columns: readonly ReadColumn[],
): Promise<Values | undefined> {
  for await (const { batch, row } of findRows(store, part, wanted)) return valuesAt(batch, row, columns);
  return undefined;
}

/** Yields every row with the key in a part, as its record batch and its index there. */
export async function* findRows(store: Store, part: ObjectPart, wanted: WantedKey) {
  if (part.bytes > SMALL_BYTES && !(await mayContain(store, part, wanted))) return;
  for await (const batch of readPart(store, part)) {
    const keys = batch.getChild(wanted.column)?.data[0]?.values as Int32Array | BigInt64Array | undefined;
    if (!keys) continue;
    for (let row = 0; row < batch.numRows; row++) if (Number(keys[row]) === wanted.key) yield { batch, row };
  }
}

async function mayContain(store: Store, part: ObjectPart, { column, key }: WantedKey): Promise<boolean> {
  const object = { key: part.key, sizeBytes: part.bytes };
  const bounds = await findKeyBounds(store, object, column).catch(() => undefined);
  if (bounds === 'none') return false;
  return !bounds || (bounds.first <= key && key <= bounds.last);
}

/** Returns the values of one row of a record batch. A warehouse column is read from the lake column that carries it. */
export function valuesAt(batch: arrow.RecordBatch, row: number, columns: readonly ReadColumn[]): Values {
  const values: Record<string, string | null> = {};
  for (const column of columns) {
    const data = batch.getChild(lakeColumn(column).name)?.data[0];
    if (data) values[column.name] = exactText(column.type, data, row);
  }
  return values;
}
