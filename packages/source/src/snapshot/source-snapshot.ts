import type { Fence, SourceIdentity } from '@totesys/lake';
import {
  type Connection,
  describeDatabaseError,
  execute,
  joinSnapshot,
  PipelineError,
  type Pool,
} from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import type { IdentityRow } from '../sql/read-identity.ts';
import { type Beginner, beginLocked } from './begin-locked.ts';
import { describeUnsupported } from './describe-unsupported.ts';
import { fenceNumber } from './fence.ts';
import { identifySource, readReplayed } from './identify-source.ts';
import { tryIngestLock } from './ingest-lock.ts';

/** Connections besides the one that holds the lock: lookups run on one while rows stream on another. */
export const SNAPSHOT_WORKERS = 2;

/** One snapshot over all tables, on several connections. */
export interface SourceSnapshot {
  readonly source: SourceIdentity;
  readonly fence: Fence;
  /** The transactions that the snapshot lists as in progress, without their sub-transactions. */
  readonly inProgress: ReadonlySet<number>;
  /** The source's clock in UTC, ISO 8601 with microseconds. */
  readonly clock: string;
  /**
   * WAL that a primary must flush before a crash can lose nothing of the snapshot; undefined on a standby, which
   * shows only flushed WAL.
   */
  readonly unflushed: UnflushedWal | undefined;
  /** Connections in transactions that see this snapshot. */
  readonly connections: readonly [Connection, ...Connection[]];
  /** Ends the transactions and releases the connections. */
  close(): Promise<void>;
}

/** WAL of transactions that the snapshot shows and that a crash of the source could still lose. */
export interface UnflushedWal {
  readonly position: string;
  /** The time by `performance.now()` at which it is flushed at the latest, whatever else is written meanwhile. */
  readonly endsMs: number;
  /** The most time that the server needs to flush a commit: milliseconds. */
  readonly limitMs: number;
}

/** Opens the snapshot. Returns undefined if another ingest is at work on this source. The caller closes it. */
export function openSourceSnapshot(sql: Pool, model: Model): Promise<SourceSnapshot | undefined> {
  return open(sql, model, { isAlone: true, workers: SNAPSHOT_WORKERS });
}

/**
 * Opens a snapshot without the ingest lock on a number of connections, for a reader that may run beside ingest. The
 * caller closes it.
 */
export async function openSnapshotBeside(sql: Pool, model: Model, connections: number): Promise<SourceSnapshot> {
  return (await open(sql, model, { isAlone: false, workers: connections - 1 })) as SourceSnapshot;
}

async function open(
  sql: Pool,
  model: Model,
  { isAlone, workers: count }: { readonly isAlone: boolean; readonly workers: number },
): Promise<SourceSnapshot | undefined> {
  const reserved: Awaited<ReturnType<Pool['reserve']>>[] = [];
  const close = async () => {
    await Promise.all(reserved.map((connection) => execute(connection, { text: 'rollback' }).catch(() => undefined)));
    for (const connection of reserved) connection.release();
  };
  const reserve = async (mode: Beginner['mode']): Promise<Beginner> => {
    const connection = await sql.reserve();
    reserved.push(connection);
    return { connection, mode };
  };
  try {
    // In repeatable read the statement that takes the lock would also take the snapshot: a batch that another ingest
    // commits just before it releases the lock would be read again.
    const exporter = await reserve(isAlone ? 'read committed read only' : 'repeatable read read only');
    const workers: Beginner[] = [];
    const reserveOthers = async () => {
      for (let worker = 0; worker < count; worker++) {
        workers.push(await reserve('repeatable read read only'));
      }
      return workers;
    };
    const replayed = await readReplayed(sql, exporter.connection);
    const beginners = { first: exporter, reserveOthers };
    if (!(await beginLocked(sql, beginners, model.source, isAlone ? tryIngestLock : undefined))) {
      await close();
      return undefined;
    }
    const identity = await identifySource(exporter.connection);
    const exported = { id: identity.snapshot_id, shows: identity.snapshot };
    for (const { connection } of workers) await joinSnapshot(connection, exported, 'source');
    const readers = workers.map(({ connection }) => connection);
    // The exporter that holds the lock takes a new snapshot for each statement, so it reads no table.
    const connections = (isAlone ? readers : [exporter.connection, ...readers]) as [Connection, ...Connection[]];
    return { ...describeSnapshot(identity, replayed), connections, close };
  } catch (error) {
    await close();
    if (error instanceof PipelineError) throw error;
    throw describeUnsupported(error) ?? describeDatabaseError(error, 'The source', 'source');
  }
}

/** Returns what a snapshot shows besides rows; `replayPosition` is how far a standby had replayed before it. */
export function describeSnapshot(
  identity: IdentityRow,
  replayPosition: string | null,
): Omit<SourceSnapshot, 'connections' | 'close'> {
  const { insert_position: position, flush_ms: flushMs } = identity;
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
    unflushed: position === null ? undefined : { position, endsMs: performance.now() + flushMs, limitMs: flushMs },
  };
}
