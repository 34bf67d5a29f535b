import type { Connection, Sql } from '@totesys/runtime';

/** The result of work in a transaction that is still open: no other session sees it before `commit`. */
export interface HeldOpen<T> {
  readonly result: T;
  commit(): Promise<void>;
}

/**
 * Runs work in a transaction on a connection of its own, which stays open until `commit`; rolls back if the work fails.
 */
export async function holdOpen<T>(sql: Sql, work: (writer: Connection) => Promise<T>): Promise<HeldOpen<T>> {
  const writer = await sql.reserve();
  const end = async (statement: 'commit' | 'rollback') => {
    try {
      await writer.unsafe(statement);
    } finally {
      writer.release();
    }
  };
  try {
    await writer.unsafe('begin');
    return { result: await work(writer), commit: () => end('commit') };
  } catch (error) {
    // The server has rolled back a lost connection already.
    await end('rollback').catch(() => {});
    throw error;
  }
}
