import type { Sql } from '@totesys/runtime';
import { addOrder, deleteOrder, holdOpen, unstampedEdit } from '@totesys/sandbox';

/** Opens a transaction, which an ingest that reads now does not see; what it gives commits it and does more that nobody has seen. */
export async function beginChanges(author: Sql): Promise<() => Promise<void>> {
  const commit = await openTransaction(author);
  return async () => {
    await commit();
    await author.begin((sql) => unstampedEdit(sql));
    await author.begin((sql) => addOrder(sql));
    await author.begin((sql) => deleteOrder(sql));
  };
}

/** An edit and a new order in a transaction that stays open until it is told to commit. A new row alone would show in a count of keys. */
export async function openTransaction(author: Sql): Promise<() => Promise<void>> {
  const { commit } = await holdOpen(author, async (writer) => {
    // Nothing else touches a purchase, so nothing else brings this one.
    await writer`update purchase_order set item_quantity = item_quantity + 1 where purchase_order_id = 5`;
    return addOrder(writer);
  });
  // A younger transaction that is over already: the open one lies behind the snapshot's xmax.
  await author.begin((sql) => unstampedEdit(sql));
  return commit;
}
