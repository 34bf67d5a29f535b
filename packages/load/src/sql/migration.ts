/** Lets one migration at a time work on the warehouse; a second one waits for the first to end. */
export const lockMigration = 'select pg_advisory_xact_lock($1::bigint)';

/** Whether a migration was applied and all its relations still exist. */
export interface MigrationState {
  readonly done: boolean;
}

/** Selects whether the migration $1 was applied and the relations $2 and the functions $3 exist. */
export const selectMigrationState = `select exists (select from etl.migration where model_sha256 = $1::text)
         and not exists (select from unnest($2::text[]) name where to_regclass(name) is null)
         and not exists (select from unnest($3::text[]) name where to_regprocedure(name) is null) as done`;

/** Records that the migration $1 was applied. */
export const insertMigration = `insert into etl.migration (model_sha256) values ($1::text) on conflict do nothing`;

/** Selects the migration $1: one row if it was applied. */
export const selectMigration = 'select from etl.migration where model_sha256 = $1::text';

/** The name of a table or a role. */
export interface Named {
  readonly name: string;
}

/** Selects those of the tables $1 that are missing although the ledger has batches. */
export const selectLostTables = `select name from unnest($1::text[]) name
   where to_regclass(name) is null and exists (select from etl.ledger)`;

/** Whether something exists. */
export interface Existence {
  readonly exists: boolean;
}

/** Selects whether the schema `etl` exists. */
export const selectEtlSchema = `select to_regnamespace('etl') is not null as exists`;

/** Whether something is missing. */
export interface Missing {
  readonly missing: boolean;
}

/** Selects whether table $1 exists and lacks column $2. */
export const selectColumnMissing = `select to_regclass($1::text) is not null
         and not exists (select from pg_attribute where attrelid = to_regclass($1::text) and attname = $2::text)
         as missing`;

/** Selects the current role, quoted. */
export const selectCurrentRole = 'select quote_ident(current_user) as name';
