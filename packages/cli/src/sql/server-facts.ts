/** What a server reports about itself and the session's role. */
export interface ServerRow {
  readonly version: string;
  /** The role, quoted. */
  readonly role: string;
  readonly is_superuser: boolean;
  readonly in_recovery: boolean;
  /** Whether a transaction that does not ask for it is read-only. */
  readonly is_read_only: boolean;
  readonly is_encrypted: boolean;
  readonly encoding: string;
  /** What a new session of the role has, before a transaction sets its own: milliseconds, 0 for no limit. */
  readonly statement_timeout_ms: number;
  readonly has_feedback: boolean;
  /** How long a standby lets a statement delay the replay: milliseconds, -1 for as long as it takes. */
  readonly standby_delay_ms: number;
  readonly wal_level: string;
  /** The server's clock: milliseconds since 1970. */
  readonly clock_ms: number;
}

/** Reads what a server reports about itself; the transaction must not ask for read-only. */
export const readServer = `
select current_setting('server_version') as version,
       quote_ident(current_user) as role,
       coalesce((select rolsuper from pg_roles where rolname = current_user), false) as is_superuser,
       pg_is_in_recovery() as in_recovery,
       current_setting('transaction_read_only') = 'on' as is_read_only,
       coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as is_encrypted,
       current_setting('server_encoding') as encoding,
       (select reset_val::int from pg_settings where name = 'statement_timeout') as statement_timeout_ms,
       current_setting('hot_standby_feedback') = 'on' as has_feedback,
       (select setting::int from pg_settings where name = 'max_standby_streaming_delay') as standby_delay_ms,
       current_setting('wal_level') as wal_level,
       (extract(epoch from clock_timestamp()) * 1000)::float8 as clock_ms`;

/** The rights of the role to one table. */
export interface TableRightsRow {
  readonly table: string;
  readonly exists: boolean;
  readonly may_read: boolean;
  /** Whether it may insert, update, delete or truncate. */
  readonly may_write: boolean;
  /** Whether it may do all that load does to rows. */
  readonly may_load: boolean;
  readonly is_owner: boolean;
}

/** Selects the rights of the role to the tables $1 of schema public. */
export const selectTableRights = `
select w.name as "table",
       c.oid is not null as exists,
       coalesce(has_table_privilege(c.oid, 'select'), false) as may_read,
       coalesce(has_table_privilege(c.oid, 'insert, update, delete, truncate'), false) as may_write,
       coalesce(has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
                and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'), false) as may_load,
       coalesce(pg_has_role(c.relowner, 'usage'), false) as is_owner
  from unnest($1::text[]) with ordinality w (name, position)
  left join pg_class c on c.relname = w.name and c.relnamespace = to_regnamespace('public')
 order by w.position`;

/** The rights of the role to a database and its schemas; null for a schema that does not exist. */
export interface SchemaRightsRow {
  readonly may_create_schemas: boolean;
  readonly may_use_public: boolean | null;
  readonly may_create_in_public: boolean | null;
  readonly may_create_in_etl: boolean | null;
  readonly may_create_temporary: boolean;
}

/** Selects the rights of the role to the database and to the schemas public and etl. */
export const selectSchemaRights = `
select has_database_privilege(current_database(), 'create') as may_create_schemas,
       has_schema_privilege(to_regnamespace('public')::oid, 'usage') as may_use_public,
       has_schema_privilege(to_regnamespace('public')::oid, 'create') as may_create_in_public,
       has_schema_privilege(to_regnamespace('etl')::oid, 'create') as may_create_in_etl,
       has_database_privilege(current_database(), 'temporary') as may_create_temporary`;
