/** The identity of the source and its exported snapshot; `insert_position` is null on a standby. */
export interface IdentityRow {
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

/**
 * Exports the snapshot and reads it with the identity of the source: all in one statement, which has one snapshot at
 * any isolation level. A primary's timeline comes from the name of its current WAL file, because the control file has
 * the old one until a checkpoint; a standby's is the newer one of its control file. `wal_position` is what a crash
 * cannot lose: what is flushed. The snapshot may show more, up to `insert_position`; that is flushed after `flush_ms`
 * at the latest (Postgres docs, "Asynchronous Commit": three times wal_writer_delay).
 */
export const readIdentity = `
select pg_export_snapshot() as snapshot_id,
       pg_current_snapshot()::text as snapshot,
       pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
       pg_snapshot_xmax(pg_current_snapshot())::text as xmax,
       array(select pg_snapshot_xip(pg_current_snapshot())::text) as in_progress,
       (select system_identifier::text from pg_control_system()) as system_identifier,
       (select oid::text from pg_database where datname = current_database()) as database_oid,
       pg_is_in_recovery() as in_recovery,
       case when pg_is_in_recovery()
            then (select greatest(c.timeline_id, r.min_recovery_end_timeline)
                    from pg_control_checkpoint() c, pg_control_recovery() r)
            else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end as timeline,
       (case when pg_is_in_recovery()
             then pg_last_wal_replay_lsn()
             else pg_current_wal_flush_lsn() end - '0/0'::pg_lsn)::text as wal_position,
       case when not pg_is_in_recovery()
            then (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text end as insert_position,
       (select 3 * setting::int from pg_settings where name = 'wal_writer_delay') as flush_ms,
       to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as clock`;

/** How far a standby has replayed; null on a primary. */
export interface ReplayRow {
  readonly wal_position: string | null;
}

/**
 * Reads how far a standby has replayed. A run reads it before the snapshot, so that the snapshot shows at least that
 * much.
 */
export const readReplayPosition = `
select case when pg_is_in_recovery() then (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::text end as wal_position`;

/** How far a primary's WAL is flushed. */
export interface FlushedRow {
  readonly position: string;
  readonly reached: boolean;
}

/** Reads how far a primary's WAL is flushed, and whether it has reached the position $1. */
export const readFlushed = `
select f.position::text as position, f.position >= $1::numeric as reached
  from (select pg_current_wal_flush_lsn() - '0/0'::pg_lsn as position) f`;

/** Assigns an id to the transaction, so that its commit is written to the WAL. */
export const assignTransactionId = 'select pg_current_xact_id()';
