import type { Connection, Sql } from '@totesys/runtime';

/** What was done in a transaction that is still open: nobody else sees it before `commit`. */
export interface HeldOpen<T> {
  readonly result: T;
  commit(): Promise<void>;
}

/** Does work in a transaction of a connection of its own, which stays open until it is told to commit; work that fails leaves nothing open. */
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
    // Of a connection that is lost the server has done it already.
    await end('rollback').catch(() => {});
    throw error;
  }
}
