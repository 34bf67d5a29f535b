import { execute, type Sql } from '@totesys/runtime';

/** Runs SQL that begins and ends transactions of its own, by one connection of the pool. */
export async function runScript(pool: Sql, text: string): Promise<void> {
  const connection = await pool.reserve();
  try {
    await execute(connection, { text });
  } finally {
    connection.release();
  }
}
