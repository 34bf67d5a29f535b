import { inTransaction, isOneOfStates, type Pool, query, READ_COMMITTED, SqlState, sqlStateOf } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { readSettled, readSettling, type SettledRow, type SettlingRow } from '../sql/read-settled.ts';
import { unlessRefused } from '../witness/read-witness-rows.ts';
import type { SourceSnapshot } from './source-snapshot.ts';
import { waitUntilFlushed } from './wait-until-flushed.ts';

/**
 * A snapshot of a primary that shows no transaction in progress, and no commit that a crash can lose. While the same
 * server shows an equal one, nothing has been committed anywhere in it.
 */
export interface SettledSnapshot {
  /** The snapshot's xmin, which is its xmax too. */
  readonly xmax: string;
  readonly systemIdentifier: string;
  readonly databaseOid: string;
  readonly timeline: number;
  /** When the server started. */
  readonly startedAt: string;
  /** The last checkpoint, if a crash could still lose commits: the recovery from a crash ends with a new checkpoint. */
  readonly checkpoint: string | undefined;
}

/**
 * Waits for the flush of the snapshot's WAL and returns the settled snapshot; undefined if it is not settled. Without
 * the flush a crash could lose a commit that the snapshot shows, and another transaction would get its id. If the wait
 * times out, the last checkpoint shows whether there was a crash. A standby's snapshot does not list the
 * transactions of the primary. The crash of one server process empties unlogged tables, and neither a transaction id
 * nor the start of the server shows it.
 */
export async function findSettled(snapshot: SourceSnapshot, model: Model): Promise<SettledSnapshot | undefined> {
  const { source, fence, connections } = snapshot;
  if (source.inRecovery || fence.xmin !== fence.xmax) return undefined;
  const { isReached } = await waitUntilFlushed(snapshot);
  const statement = {
    text: readSettling({ withCheckpoint: !isReached }),
    parameters: [model.source.map(({ name }) => name)],
  };
  const rows = await unlessRefused(connections[0], () => query<SettlingRow>(connections[0], statement));
  if (!rows?.[0]?.is_permanent) return undefined;
  const { systemIdentifier, databaseOid, timeline } = source;
  const { started_at: startedAt, checkpoint } = rows[0];
  return { xmax: fence.xmax, systemIdentifier, databaseOid, timeline, startedAt, checkpoint };
}

/** SQLSTATEs of a server that refuses the statement; the run then scans, and reports the fault if it matters. */
const REFUSALS = [SqlState.insufficientPrivilege, SqlState.undefinedFunction, SqlState.objectNotInPrerequisiteState];

/**
 * Returns the source's clock if nothing has been committed since a settled snapshot, otherwise undefined: by one
 * statement, without a lock.
 */
export async function findStillSettled(source: Pool, before: SettledSnapshot): Promise<string | undefined> {
  try {
    const read = { text: readSettled({ withCheckpoint: before.checkpoint !== undefined }) };
    const [now] = await inTransaction(source, READ_COMMITTED, (reading) => query<SettledRow>(reading, read));
    return now && isEqual(now, before) ? now.clock : undefined;
  } catch (error) {
    if (isOneOfStates(sqlStateOf(error), REFUSALS)) return undefined;
    throw error;
  }
}

// Equal ids prove nothing on another server, or if a copy of the disk was put back: then the server has restarted.
function isEqual(now: SettledRow, before: SettledSnapshot): boolean {
  return (
    now.xmin === before.xmax &&
    now.xmax === before.xmax &&
    now.system_identifier === before.systemIdentifier &&
    now.database_oid === before.databaseOid &&
    now.timeline === before.timeline &&
    now.started_at === before.startedAt &&
    now.checkpoint === before.checkpoint
  );
}
