import {
  beginTransaction,
  type Connection,
  describeDatabaseError,
  ErrorCode,
  execute,
  PipelineError,
  type Pool,
  query,
  READ_COMMITTED,
  SqlState,
  sqlStateOf,
} from '@totesys/runtime';
import { type IdentityRow, type ReplayRow, readIdentity, readReplayPosition } from '../sql/read-identity.ts';
import { requireAnswers } from './describe-unsupported.ts';

/** Reads how far a standby has replayed, in a transaction of its own; null on a primary. */
export async function readReplayed(sql: Pool, connection: Connection): Promise<string | null> {
  await beginTransaction(sql, connection, READ_COMMITTED);
  const [replay] = await query<ReplayRow>(connection, { text: readReplayPosition });
  await execute(connection, { text: 'commit' });
  return replay?.wal_position ?? null;
}

/** Exports the snapshot and reads it with the source's identity. */
export async function identifySource(connection: Connection): Promise<IdentityRow> {
  try {
    const [identity] = await query<IdentityRow>(connection, { text: readIdentity });
    requireAnswers(identity!);
    return identity!;
  } catch (error) {
    // Postgres lets every role call these functions, but an administrator may have revoked it.
    const denied = /function (\w+)/.exec((error as Error).message)?.[1];
    if (sqlStateOf(error) !== SqlState.insufficientPrivilege || denied === undefined) throw error;
    throw executeDenied(denied, error);
  }
}

function executeDenied(name: string, error: unknown): PipelineError {
  const fault = "The source's role may not identify the server";
  const expected = `expected EXECUTE on function ${name}, which Postgres grants to every role, got permission denied`;
  return new PipelineError(
    ErrorCode.SOURCE_FORBIDDEN,
    `${fault}: ${expected}. Run: grant execute on function ${name}() to the role.`,
    { cause: describeDatabaseError(error, 'The source') },
  );
}
