import type { Connection } from './pool.ts';

/** Does work in a transaction whose statements may fail without ending it: what they changed is undone, and its snapshot stays. */
export async function inSavepoint<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  await connection.unsafe('savepoint attempt');
  try {
    const result = await work();
    await connection.unsafe('release savepoint attempt');
    return result;
  } catch (error) {
    // Of a connection that is lost only the first error says why.
    await connection.unsafe('rollback to savepoint attempt; release savepoint attempt').catch(() => undefined);
    throw error;
  }
}
