import { ErrorCode, PipelineError } from '../errors.ts';
import type { Connection } from './pool.ts';
import { execute, query } from './query.ts';
import { SqlState, sqlStateOf } from './sql-state.ts';

/** A snapshot that other transactions may join while the one that exported it is open. */
export interface ExportedSnapshot {
  readonly id: string;
  /** What it shows, as `pg_current_snapshot()` writes it. */
  readonly shows: string;
}

/**
 * Errors of `set transaction snapshot` for an unknown snapshot: up to Postgres 16, from 17 on, and in another database.
 */
const UNKNOWN_SNAPSHOT: readonly (string | undefined)[] = [
  SqlState.invalidParameterValue,
  SqlState.undefinedObject,
  SqlState.featureNotSupported,
];

/** Exports the snapshot of the statement, or of the transaction if it has one. */
export async function exportSnapshot(connection: Connection): Promise<ExportedSnapshot> {
  const text = 'select pg_export_snapshot() as id, pg_current_snapshot()::text as shows';
  const [row] = await query<ExportedSnapshot>(connection, { text });
  return row!;
}

/**
 * Makes a transaction that has run no query yet use an exported snapshot. Throws if the database's address leads to
 * several servers: the server of this connection may not know the snapshot, or may have another one of that name.
 */
export async function joinSnapshot(
  connection: Connection,
  exported: ExportedSnapshot,
  subject: 'source' | 'warehouse',
): Promise<void> {
  try {
    await execute(connection, { text: `set transaction snapshot '${snapshotId(exported.id)}'` });
  } catch (error) {
    if (UNKNOWN_SNAPSHOT.includes(sqlStateOf(error))) throw severalServers(subject, (error as Error).message, error);
    throw error;
  }
  const text = 'select pg_current_snapshot()::text as shows';
  const [seen] = await query<{ shows: string }>(connection, { text });
  if (seen?.shows !== exported.shows) {
    throw severalServers(subject, `a snapshot shows ${exported.shows} on one connection and ${seen?.shows} on another`);
  }
}

function severalServers(subject: string, fault: string, cause?: unknown): PipelineError {
  return new PipelineError(
    ErrorCode.CONNECTION_FAILED,
    `The ${subject}'s URL leads to more than one server: expected all connections to reach the same one, which ` +
      `knows the snapshot that the first connection exported, got: ${fault}. Name a single instance in the URL, not ` +
      'a reader endpoint or a load balancer over several replicas. Every run fails until then.',
    { context: { subject }, cause },
  );
}

// SET TRANSACTION SNAPSHOT accepts a literal only; Postgres exports hexadecimal digits and dashes.
function snapshotId(id: string): string {
  if (/^[0-9A-F]+(-[0-9A-F]+)*$/.test(id)) return id;
  throw new PipelineError(
    ErrorCode.QUERY_FAILED,
    'The server exported a snapshot with another form of name: expected hexadecimal digits and dashes, as Postgres ' +
      'writes them. Check what answers at the address in the URL.',
  );
}
