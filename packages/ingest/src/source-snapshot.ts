import type { Fence, SourceIdentity } from '@totesys/lake';
import {
  type Connection,
  describeDatabaseError,
  ErrorCode,
  type HolderLimits,
  judgeHolder,
  PipelineError,
  readLockHolder,
  type Sql,
  SqlState,
  sqlStateOf,
  type YieldReason,
} from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { beginLocked } from './begin-locked.ts';
import { describeUnsupported, requireAnswers } from './describe-unsupported.ts';
import { fenceNumber } from './fence.ts';
import { readIdentity, readReplayPosition } from './sql/read-identity.ts';

/** Connections beside the exporter's that join its snapshot: lookups run on one while rows stream on another. */
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
  /** Connections in transactions that see this snapshot; the first is the exporter's. */
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
export function openSourceSnapshot(sql: Sql, model: Model): Promise<SourceSnapshot | undefined> {
  return open(sql, model, true);
}

/** Says that another ingest is at work on this source, and which, where the role may see it; one that has died is LOCK_ABANDONED within `limits`. */
export function judgeOtherIngest(sql: Sql, limits?: HolderLimits): Promise<YieldReason> {
  return judgeHolder('another ingest is at work on this source', () => readLockHolder(sql, ADVISORY_LOCK_KEY), limits);
}

/** Opens the snapshot for somebody who only looks, beside whatever ingest is at work. The caller closes it. */
export async function openSnapshotBeside(sql: Sql, model: Model): Promise<SourceSnapshot> {
  return (await open(sql, model, false)) as SourceSnapshot;
}

async function open(sql: Sql, model: Model, isAlone: boolean): Promise<SourceSnapshot | undefined> {
  const exporter = await sql.reserve();
  const workers: Awaited<ReturnType<Sql['reserve']>>[] = [];
  let locked = false;
  const close = async () => {
    await Promise.all([exporter, ...workers].map((connection) => connection.unsafe('rollback').catch(() => undefined)));
    if (locked)
      await exporter.unsafe('select pg_advisory_unlock($1::bigint)', [ADVISORY_LOCK_KEY]).catch(() => undefined);
    for (const connection of [exporter, ...workers]) connection.release();
  };
  try {
    if (isAlone) {
      const [lock] = await exporter.unsafe('select pg_try_advisory_lock($1::bigint) as locked', [ADVISORY_LOCK_KEY]);
      locked = lock?.locked === true;
      if (!locked) {
        await close();
        return undefined;
      }
    }
    for (let worker = 0; worker < SNAPSHOT_WORKERS; worker++) workers.push(await sql.reserve());
    const [replay] = await exporter.unsafe(readReplayPosition);
    await beginLocked([exporter, ...workers], model.source);
    const identity = await identify(exporter);
    const [exported] = await exporter.unsafe('select pg_export_snapshot() as id');
    for (const worker of workers) await worker.unsafe(`set transaction snapshot '${snapshotId(exported?.id)}'`);
    return {
      source: {
        systemIdentifier: identity.system_identifier,
        timeline: identity.timeline,
        databaseOid: identity.database_oid,
        walPosition: replay?.wal_position ?? identity.wal_position,
        inRecovery: identity.in_recovery,
      },
      fence: { xmin: identity.xmin, xmax: identity.xmax },
      inProgress: new Set(identity.in_progress.map(fenceNumber)),
      clock: identity.clock,
      unflushed:
        identity.insert_position === null
          ? undefined
          : { position: identity.insert_position, endsMs: performance.now() + identity.flush_ms },
      connections: [exporter, ...workers],
      close,
    };
  } catch (error) {
    await close();
    if (error instanceof PipelineError) throw error;
    throw describeUnsupported(error) ?? describeDatabaseError(error, 'The source', 'source');
  }
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

// SET TRANSACTION SNAPSHOT takes a literal only; what Postgres exports is hexadecimal digits and dashes.
function snapshotId(id: unknown): string {
  if (typeof id === 'string' && /^[0-9A-F]+(-[0-9A-F]+)*$/.test(id)) return id;
  throw new PipelineError(ErrorCode.QUERY_FAILED, 'The source exported a snapshot whose name is none.');
}
