/** When a server started, in UTC, its last checkpoint, and whether a crash of it keeps the rows of all tables. */
export interface SettlingRow {
  readonly started_at: string;
  readonly checkpoint?: string;
  readonly is_permanent: boolean;
}

const STARTED_AT = `to_char(pg_postmaster_start_time() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as started_at`;

const CHECKPOINT = `(select checkpoint_lsn::text from pg_control_checkpoint()) as checkpoint`;

/** What is read besides: the last checkpoint, because the recovery from a crash ends with a new one. */
export interface SettledOptions {
  readonly withCheckpoint: boolean;
}

/** Reads when the server started, and whether the tables of $1 (text[]) and their partitions are permanent. */
export const readSettling = ({ withCheckpoint }: SettledOptions): string => `
with recursive tables (oid) as (
  select oid from pg_class where relname = any ($1::text[]) and relnamespace = 'public'::regnamespace
  union
  select i.inhrelid from pg_inherits i join tables t on i.inhparent = t.oid
)
select ${[STARTED_AT, ...(withCheckpoint ? [CHECKPOINT] : [])].join(', ')},
       not exists (select from tables join pg_class c using (oid) where c.relpersistence <> 'p') as is_permanent`;

/** A snapshot, and the server and history that it belongs to; `timeline` is null on a standby. */
export interface SettledRow {
  readonly xmin: string;
  readonly xmax: string;
  readonly system_identifier: string;
  readonly database_oid: string;
  readonly timeline: number | null;
  readonly started_at: string;
  readonly checkpoint?: string;
  /** The server's clock in UTC, ISO 8601 with microseconds. */
  readonly clock: string;
}

/** Reads the snapshot of the statement, what identifies the server, its history and its start, and its clock. */
export const readSettled = ({ withCheckpoint }: SettledOptions): string => `
select pg_snapshot_xmin(s)::text as xmin,
       pg_snapshot_xmax(s)::text as xmax,
       (select system_identifier::text from pg_control_system()) as system_identifier,
       (select oid::text from pg_database where datname = current_database()) as database_oid,
       case when not pg_is_in_recovery()
            then ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end as timeline,
       ${[STARTED_AT, ...(withCheckpoint ? [CHECKPOINT] : [])].join(', ')},
       to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as clock
  from pg_current_snapshot() s`;
