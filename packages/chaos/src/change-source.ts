import type { Sql } from '@totesys/runtime';
import { addOrder, deleteOrder, holdOpen, unstampedEdit } from '@totesys/sandbox';

/** Opens a transaction that ingest does not see yet; the returned function commits it and makes more changes. */
export async function beginChanges(author: Sql): Promise<() => Promise<void>> {
  const commit = await openTransaction(author);
  return async () => {
    await commit();
    await author.begin((sql) => unstampedEdit(sql));
    await author.begin((sql) => addOrder(sql));
    await author.begin((sql) => deleteOrder(sql));
  };
}

/** The table whose changes the fault `unseen` hides. */
export const HIDDEN_TABLE = 'purchase_order';

/**
 * Edits a row that no other change edits, and that is not among the newest rows of its table: those are witnesses, by
 * which a run would notice the missed change before the audit.
 */
export async function editForHiding(author: Sql): Promise<void> {
  await author`update purchase_order set item_quantity = item_quantity + 1 where purchase_order_id = 7`;
}

/**
 * Makes an edit and a new order in a transaction, and returns its commit. The edit is necessary: a count of
 * keys alone would find a new row.
 */
export async function openTransaction(author: Sql): Promise<() => Promise<void>> {
  const { commit } = await holdOpen(author, async (writer) => {
    // No other change has this purchase order, so a batch has it only because of this edit.
    await writer`update purchase_order set item_quantity = item_quantity + 1 where purchase_order_id = 5`;
    return addOrder(writer);
  });
  // Ends a later transaction, so that the open one is below the snapshot's xmax.
  await author.begin((sql) => unstampedEdit(sql));
  return commit;
}
