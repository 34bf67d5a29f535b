import { send } from './driver.ts';
import type { Connection } from './pool.ts';

/**
 * Runs work of a transaction in a savepoint: if a statement fails, its changes are undone, and the transaction and its
 * snapshot remain.
 */
export async function inSavepoint<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  await send(connection, 'savepoint attempt');
  try {
    const result = await work();
    await send(connection, 'release savepoint attempt');
    return result;
  } catch (error) {
    // If the connection is lost, this statement fails, too; only the first error says why.
    await send(connection, 'rollback to savepoint attempt; release savepoint attempt').catch(() => undefined);
    throw error;
  }
}

/**
 * Runs reads in a savepoint and rolls it back, also if they succeed: the server then releases the locks that they took,
 * and the transaction and its snapshot remain.
 */
export async function releasingLocks<T>(connection: Connection, read: () => Promise<T>): Promise<T> {
  await send(connection, 'savepoint reading');
  try {
    return await read();
  } finally {
    // If the connection is lost, this statement fails, too; only the first error says why.
    await send(connection, 'rollback to savepoint reading; release savepoint reading').catch(() => undefined);
  }
}
