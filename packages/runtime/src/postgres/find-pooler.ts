import { beginTransaction, READ_COMMITTED } from './begin-transaction.ts';
import { send } from './driver.ts';
import type { Connection, Pool } from './pool.ts';

/** What is between the client and the server; the mode of a pooler is `transaction` if that was seen. */
export type Pooler = 'none' | 'session or transaction' | 'transaction';

interface Backend {
  /** The process that the server says it is. */
  readonly pid: number;
}

/**
 * Looks for a pooler: it reports another process at the start of a session than the one that runs the statements. In
 * transaction mode a transaction gets another process while a second connection keeps the first one busy.
 */
export async function findPooler(pool: Pool): Promise<Pooler> {
  const [first, second] = [await pool.reserve(), await pool.reserve()];
  try {
    const { pid, reported } = await readBackend(pool, first);
    await send(first, 'commit');
    if (pid === reported) return 'none';
    await readBackend(pool, second);
    const again = await readBackend(pool, first);
    return again.pid === pid ? 'session or transaction' : 'transaction';
  } finally {
    for (const connection of [first, second]) {
      await send(connection, 'rollback').catch(() => undefined);
      connection.release();
    }
  }
}

async function readBackend(pool: Pool, connection: Connection): Promise<Backend & { readonly reported: number }> {
  await beginTransaction(pool, connection, READ_COMMITTED);
  const rows = await send<Backend>(connection, 'select pg_backend_pid() as pid');
  return { pid: rows[0]!.pid, reported: rows.state.pid };
}
