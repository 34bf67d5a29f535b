import type { Fence, SourceIdentity } from '@totesys/lake';
import {
  beginTransaction,
  type Connection,
  describeDatabaseError,
  ErrorCode,
  type HolderLimits,
  inTransaction,
  joinSnapshot,
  judgeHolder,
  PipelineError,
  type Pool,
  READ_COMMITTED,
  readLockHolder,
  SqlState,
  sqlStateOf,
  type YieldReason,
} from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { readIdentity, readReplayPosition } from '../sql/read-identity.ts';
import { type Beginner, beginLocked } from './begin-locked.ts';
import { describeUnsupported, requireAnswers } from './describe-unsupported.ts';
import { fenceNumber } from './fence.ts';

/** Connections beside the one that holds the lock: lookups run on one while rows stream on another. */
export const SNAPSHOT_WORKERS = 2;
// Any number that nobody else uses.
const ADVISORY_LOCK_KEY = '8389772276738093361';

/** One snapshot over all tables, on several connections. */
export interface SourceSnapshot {
  readonly source: SourceIdentity;
  readonly fence: Fence;
  /** The transactions that the snapshot lists as going on; their sub-transactions are not among them. */
  readonly inProgress: ReadonlySet<number>;
  /** The source's clock in UTC, ISO 8601 with microseconds. */
  readonly clock: string;
  /** How far a primary's WAL must be flushed before all that the snapshot shows outlives a crash; undefined on a standby, which sees nothing else. */
  readonly unflushed: UnflushedWal | undefined;
  /** Connections in transactions that see this snapshot. */
  readonly connections: readonly [Connection, ...Connection[]];
  /** Ends the transactions and gives the connections back. */
  close(): Promise<void>;
}

/** WAL of transactions that the snapshot shows and a crash of the source could still lose. */
export interface UnflushedWal {
  readonly position: string;
  /** The moment by `performance.now()` from which on it is flushed at the latest, whatever else is written meanwhile. */
  readonly endsMs: number;
}

interface IdentityRow {
  readonly snapshot_id: string;
  readonly snapshot: string;
  readonly xmin: string;
  readonly xmax: string;
  readonly in_progress: readonly string[];
  readonly system_identifier: string;
  readonly database_oid: string;
  readonly in_recovery: boolean;
  readonly timeline: number;
  readonly wal_position: string;
  readonly insert_position: string | null;
  readonly flush_ms: number;
  readonly clock: string;
}

/** Opens the snapshot; undefined where another ingest is at work on this source. The caller closes it. */
export function openSourceSnapshot(sql: Pool, model: Model): Promise<SourceSnapshot | undefined> {
  return open(sql, model, true);
}

/** Says that another ingest is at work on this source, and which, where the role may see it; one that has died is LOCK_ABANDONED within `limits`. */
export function judgeOtherIngest(sql: Pool, limits?: HolderLimits): Promise<YieldReason> {
  const look = () => inTransaction(sql, READ_COMMITTED, (looking) => readLockHolder(looking, ADVISORY_LOCK_KEY));
  return judgeHolder('another ingest is at work on this source', look, limits);
}

/** Opens the snapshot for somebody who only looks, beside whatever ingest is at work. The caller closes it. */
export async function openSnapshotBeside(sql: Pool, model: Model): Promise<SourceSnapshot> {
  return (await open(sql, model, false)) as SourceSnapshot;
}

async function open(sql: Pool, model: Model, isAlone: boolean): Promise<SourceSnapshot | undefined> {
  const reserved: Awaited<ReturnType<Pool['reserve']>>[] = [];
  const close = async () => {
    await Promise.all(reserved.map((connection) => connection.unsafe('rollback').catch(() => undefined)));
    for (const connection of reserved) connection.release();
  };
  const reserve = async (mode: Beginner['mode']): Promise<Beginner> => {
    const connection = await sql.reserve();
    reserved.push(connection);
    return { connection, mode };
  };
  try {
    // In a transaction with one snapshot the statement that takes the lock would take the snapshot, too: a batch that another ingest
    // commits just before it lets go of the lock would be read again.
    const exporter = await reserve(isAlone ? 'read committed read only' : 'repeatable read read only');
    const workers: Beginner[] = [];
    const reserveOthers = async () => {
      for (let worker = 0; worker < SNAPSHOT_WORKERS; worker++)
        workers.push(await reserve('repeatable read read only'));
      return workers;
    };
    const replayed = await readReplayed(sql, exporter.connection);
    const isBegun = await beginLocked(
      sql,
      { first: exporter, reserveOthers },
      model.source,
      isAlone ? tryLock : undefined,
    );
    if (!isBegun) {
      await close();
      return undefined;
    }
    const identity = await identify(exporter.connection);
    const exported = { id: identity.snapshot_id, shows: identity.snapshot };
    for (const { connection } of workers) await joinSnapshot(connection, exported, 'source');
    const readers = workers.map(({ connection }) => connection);
    return {
      ...describeSnapshot(identity, replayed),
      // The exporter that holds the lock takes a new snapshot for each of its statements, so it reads no table.
      connections: (isAlone ? readers : [exporter.connection, ...readers]) as [Connection, ...Connection[]],
      close,
    };
  } catch (error) {
    await close();
    if (error instanceof PipelineError) throw error;
    throw describeUnsupported(error) ?? describeDatabaseError(error, 'The source', 'source');
  }
}

async function readReplayed(sql: Pool, connection: Connection): Promise<string | null> {
  await beginTransaction(sql, connection, READ_COMMITTED);
  const [replay] = await connection.unsafe(readReplayPosition);
  await connection.unsafe('commit');
  return replay?.wal_position ?? null;
}

async function tryLock(connection: Connection): Promise<boolean> {
  const [lock] = await connection.unsafe('select pg_try_advisory_xact_lock($1::bigint) as locked', [ADVISORY_LOCK_KEY]);
  return lock?.locked === true;
}

function describeSnapshot(identity: IdentityRow, replayPosition: string | null) {
  return {
    source: {
      systemIdentifier: identity.system_identifier,
      timeline: identity.timeline,
      databaseOid: identity.database_oid,
      walPosition: replayPosition ?? identity.wal_position,
      inRecovery: identity.in_recovery,
    },
    fence: { xmin: identity.xmin, xmax: identity.xmax },
    inProgress: new Set(identity.in_progress.map(fenceNumber)),
    clock: identity.clock,
    unflushed:
      identity.insert_position === null
        ? undefined
        : { position: identity.insert_position, endsMs: performance.now() + identity.flush_ms },
  };
}

// Postgres lets everybody ask; a server that somebody has closed further may not.
async function identify(connection: Connection): Promise<IdentityRow> {
  try {
    const [identity] = await connection.unsafe(readIdentity);
    requireAnswers(identity as unknown as IdentityRow);
    return identity as unknown as IdentityRow;
  } catch (error) {
    const denied = /function (\w+)/.exec((error as Error).message)?.[1];
    if (sqlStateOf(error) !== SqlState.insufficientPrivilege || denied === undefined) throw error;
    throw new PipelineError(
      ErrorCode.SOURCE_FORBIDDEN,
      `The source's role may not ask the server who it is: expected EXECUTE on function ${denied}, which Postgres gives to every role, got permission denied. Run: grant execute on function ${denied}() to the role.`,
      { cause: describeDatabaseError(error, 'The source') },
    );
  }
}
