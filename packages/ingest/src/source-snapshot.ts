import type { Fence, SourceIdentity } from '@totesys/lake';
import { type Connection, describeDatabaseError, ErrorCode, PipelineError, type Sql } from '@totesys/runtime';
import { type Model, quoteIdentifier, type SourceTable } from '@totesys/schema';
import { fenceNumber } from './fence.ts';
import { missingTable } from './source-layout.ts';
import { readIdentity, readReplayPosition } from './sql/read-identity.ts';
import { qualified } from './sql/select-rows.ts';

/** Connections beside the exporter's that join its snapshot: lookups run on one while rows stream on another. */
export const SNAPSHOT_WORKERS = 2;
/** How long a lock on a table is waited for: longer than any honest statement, shorter than a tick. */
const LOCK_TIMEOUT_MS = 20_000;
// Any number that nobody else uses: 'totesys1' as eight bytes of ASCII.
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
export async function openSourceSnapshot(sql: Sql, model: Model): Promise<SourceSnapshot | undefined> {
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
    const [lock] = await exporter.unsafe('select pg_try_advisory_lock($1::bigint) as locked', [ADVISORY_LOCK_KEY]);
    locked = lock?.locked === true;
    if (!locked) {
      await close();
      return undefined;
    }
    const [replay] = await exporter.unsafe(readReplayPosition);
    await beginReadOnly(exporter);
    await lockTables(exporter, model.source);
    const [identity] = (await exporter.unsafe(readIdentity)) as unknown as [IdentityRow];
    const [exported] = await exporter.unsafe('select pg_export_snapshot() as id');
    for (let worker = 0; worker < SNAPSHOT_WORKERS; worker++) {
      const connection = await sql.reserve();
      workers.push(connection);
      await beginReadOnly(connection);
      await connection.unsafe(`set transaction snapshot '${snapshotId(exported?.id)}'`);
    }
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
    throw error instanceof PipelineError ? error : describeDatabaseError(error, 'The source');
  }
}

// A policy on a table must be an error, not rows that are missing.
async function beginReadOnly(connection: Connection): Promise<void> {
  await connection.unsafe('begin isolation level repeatable read read only');
  await connection.unsafe('set local row_security = off');
  await connection.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
}

// Before the first query takes the snapshot: a TRUNCATE or rewrite behind it would read as an empty table.
async function lockTables(connection: Connection, tables: readonly SourceTable[]): Promise<void> {
  for (const table of tables) {
    try {
      await connection.unsafe(`lock table ${qualified(table)} in access share mode`);
    } catch (error) {
      throw lockFailure(error, table.name);
    }
  }
}

function lockFailure(error: unknown, table: string): PipelineError {
  const context = { table };
  switch ((error as { code?: string }).code) {
    case '42P01':
      return missingTable(table);
    case '42501':
      return new PipelineError(
        ErrorCode.SOURCE_FORBIDDEN,
        `Table 'public.${table}' may not be read by the source's role: expected SELECT on it, got permission denied. Run: grant select on public.${quoteIdentifier(table)} to the role.`,
        { context, cause: error },
      );
    case '55P03':
      return new PipelineError(
        ErrorCode.TIMED_OUT,
        `Table 'public.${table}' is locked: waited ${LOCK_TIMEOUT_MS / 1000} s for ACCESS SHARE. Look in pg_locks for who holds ACCESS EXCLUSIVE; the next run tries again.`,
        { context, cause: error },
      );
    default:
      return describeDatabaseError(error, `Table 'public.${table}' of the source`);
  }
}

// SET TRANSACTION SNAPSHOT takes a literal only; what Postgres exports is hexadecimal digits and dashes.
function snapshotId(id: unknown): string {
  if (typeof id === 'string' && /^[0-9A-F]+(-[0-9A-F]+)*$/.test(id)) return id;
  throw new PipelineError(ErrorCode.QUERY_FAILED, 'The source exported a snapshot whose name is none.');
}
