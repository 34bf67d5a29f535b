import type { WarehousePart } from '@totesys/lake';
import { execute, query } from '@totesys/runtime';
import type { Fact } from '@totesys/schema';
import { countRowsUpTo, insertVersions, type RowCount } from '../sql/insert-versions.ts';
import { insertOrUndefined } from './insert-or-undefined.ts';
import { countRows, type MergeContext } from './merge-context.ts';
import { DROP_KEYS_ROWS, withoutForeignKeys } from './without-foreign-keys.ts';

/** A fact is nearly empty while a batch has this many times its rows: few sessions can be reading it yet. */
const NEARLY_EMPTY_FACTOR = 10;

/** Inserts the new versions of a fact from its staging. Returns their number. */
export async function insertFromStaging(
  load: MergeContext,
  fact: Fact,
  parts: readonly WarehousePart[],
): Promise<number> {
  const insert = ({ transaction }: MergeContext) => execute(transaction, { text: insertVersions(fact) });
  if (!(await isNearlyEmpty(load, fact, countRows(parts)))) return insert(load);
  const inserted = await insertOrUndefined(load, fact, (inner) =>
    withoutForeignKeys(inner.transaction, load.model, fact, () => insert(inner)),
  );
  return inserted ?? insert(load);
}

async function isNearlyEmpty({ transaction }: MergeContext, fact: Fact, rows: number): Promise<boolean> {
  if (rows < DROP_KEYS_ROWS) return false;
  const limit = Math.floor(rows / NEARLY_EMPTY_FACTOR);
  const [found] = await query<RowCount>(transaction, { text: countRowsUpTo(fact), parameters: [limit] });
  return found!.rows < limit;
}
