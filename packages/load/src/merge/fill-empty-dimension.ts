import type { WarehousePart } from '@totesys/lake';
import { query } from '@totesys/runtime';
import { type Calendar, type Dimension, warehouseRelation } from '@totesys/schema';
import { type FilledRow, selectFilled } from '../sql/table-definition.ts';
import { copyParts } from './copy-parts.ts';
import { insertOrUndefined } from './insert-or-undefined.ts';
import { countRows, type MergeContext } from './merge-context.ts';
import { DROP_KEYS_ROWS, withoutKeysTo } from './without-foreign-keys.ts';
import { withoutIndexes } from './without-indexes.ts';

/**
 * Copies the rows of an empty calendar or dimension straight into it, because there are no rows to compare them with.
 * Returns undefined, and changes nothing, if the table has rows or the batch has a key twice; the rows then go through
 * the staging.
 */
export async function fillEmptyDimension(
  load: MergeContext,
  table: Calendar | Dimension,
  parts: readonly WarehousePart[],
): Promise<number | undefined> {
  const [state] = await query<FilledRow>(load.transaction, { text: selectFilled(table.name) });
  if (state?.filled === true) return undefined;
  const rows = countRows(parts);
  const copy = async (inner: MergeContext) => {
    await copyParts(inner, table, warehouseRelation(table.name), parts);
    return rows;
  };
  const copyWithoutKeys = (inner: MergeContext) =>
    withoutKeysTo(inner.transaction, load.model, table, () =>
      withoutIndexes(inner.transaction, table, () => copy(inner)),
    );
  const inserted = rows < DROP_KEYS_ROWS ? undefined : await insertOrUndefined(load, table, copyWithoutKeys);
  return inserted ?? insertOrUndefined(load, table, copy);
}
