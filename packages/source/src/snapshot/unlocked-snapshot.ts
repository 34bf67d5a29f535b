import {
  beginTransaction,
  describeDatabaseError,
  execute,
  ONE_SNAPSHOT,
  PipelineError,
  type Pool,
  type TransactionOptions,
} from '@totesys/runtime';
import { describeUnsupported } from './describe-unsupported.ts';
import { identifySource, readReplayed } from './identify-source.ts';
import { describeSnapshot, type SourceSnapshot } from './source-snapshot.ts';

/**
 * Opens a snapshot on one connection without any lock, for a reader that must keep no run waiting. After a later
 * TRUNCATE or rewrite the snapshot shows an empty table, so nothing that is read in it may reach a lake. The caller
 * closes it.
 */
export async function openUnlockedSnapshot(
  sql: Pool,
  limits: Required<Pick<TransactionOptions, 'lockTimeoutMs' | 'statementTimeoutMs'>>,
): Promise<SourceSnapshot> {
  const connection = await sql.reserve();
  const close = async () => {
    await execute(connection, { text: 'rollback' }).catch(() => undefined);
    connection.release();
  };
  try {
    const replayed = await readReplayed(sql, connection);
    await beginTransaction(sql, connection, { ...ONE_SNAPSHOT, ...limits });
    const identity = await identifySource(connection);
    return { ...describeSnapshot(identity, replayed), connections: [connection], close };
  } catch (error) {
    await close();
    if (error instanceof PipelineError) throw error;
    throw describeUnsupported(error) ?? describeDatabaseError(error, 'The source', 'source');
  }
}
