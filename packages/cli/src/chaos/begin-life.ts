import type { Sql } from '@totesys/runtime';
import { addOrder, deleteOrder, lateCommit, unstampedEdit } from '@totesys/sandbox';

/** Opens a transaction, which an ingest that reads now does not see; what it gives commits it and does more that nobody has seen. */
export async function beginLife(author: Sql): Promise<() => Promise<void>> {
  const open = await lateCommit(author);
  return async () => {
    await open.commit();
    await author.begin((sql) => unstampedEdit(sql));
    await author.begin((sql) => addOrder(sql));
    await author.begin((sql) => deleteOrder(sql));
  };
}
