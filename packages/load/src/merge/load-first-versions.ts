import type { WarehousePart } from '@totesys/lake';
import { query } from '@totesys/runtime';
import { type Fact, warehouseRelation } from '@totesys/schema';
import { selectWasUsed, type WasUsed } from '../sql/insert-versions.ts';
import { copyNumbered, copyParts } from './copy-parts.ts';
import { insertOrUndefined } from './insert-or-undefined.ts';
import { countRows, type MergeContext } from './merge-context.ts';
import { DROP_KEYS_ROWS, withoutForeignKeys } from './without-foreign-keys.ts';
import { withoutIndexes } from './without-indexes.ts';

/**
 * Copies the rows of an empty fact straight into it, because there are no versions to compare them with. Returns
 * undefined, and changes nothing, if the fact has rows, a reference is missing, or its foreign keys cannot be dropped
 * now; the rows then go through the staging.
 */
export async function loadFirstVersions(
  load: MergeContext,
  fact: Fact,
  parts: readonly WarehousePart[],
): Promise<number | undefined> {
  const statement = { text: selectWasUsed(fact), parameters: [fact.name] };
  const [state] = await query<WasUsed>(load.transaction, statement);
  if (state?.used === true) return undefined;
  const rows = countRows(parts);
  return insertOrUndefined(load, fact, async (inner) => {
    if (rows < DROP_KEYS_ROWS) await copyParts(inner, fact, warehouseRelation(fact.name), parts);
    else {
      await withoutForeignKeys(inner.transaction, load.model, fact, () =>
        withoutIndexes(inner.transaction, fact, () => copyNumbered(inner, fact, parts)),
      );
    }
    return rows;
  });
}
