import { factsOf, ledgerIndex, type Model, type WarehouseIndex } from '@totesys/schema';

/** Tables of the pipeline whose rows only a backup or the lake can restore. */
export const KEPT_TABLES = ['etl.deletion', 'etl.held'];

/** Tables of the pipeline without which a migration is not done. */
export const OWN_TABLES = ['etl.ledger', 'etl.adoption', 'etl.comment', ...KEPT_TABLES];

/** Creates the schema of the pipeline's own tables. */
export const createEtlSchema = 'create schema etl';

/** A step that creates one of the pipeline's own tables, or adds a column to it. */
export interface EtlStep {
  readonly relation: string;
  readonly change: string;
  /** The column that is added. */
  readonly column?: string;
  readonly statement: string;
}

/** The steps that create the pipeline's own tables, one after the other. */
export const etlSchema: readonly EtlStep[] = [
  createOwn(
    'etl.ledger',
    `create table if not exists etl.ledger (
     batch integer primary key,
     manifest_sha256 text not null,
     processed_sha256 text not null,
     source_clock text not null,
     rows bigint not null,
     loaded_at timestamptz not null default clock_timestamp(),
     last_record_ids jsonb
   )`,
  ),
  // An older ledger lacks the column. `add column if not exists` would block readers even if the column exists.
  {
    relation: 'etl.ledger',
    change: "add column 'last_record_ids'",
    column: 'last_record_ids',
    statement:
      `do $$ begin
     if not exists (select from pg_attribute where attrelid = 'etl.ledger'::regclass ` +
      `and attname = 'last_record_ids') then
       alter table etl.ledger add column last_record_ids jsonb;
     end if;
   end $$`,
  },
  createOwn(
    'etl.deletion',
    `create table if not exists etl.deletion (
     fact text not null,
     id bigint not null,
     deleted_batch integer not null,
     restored_batch integer,
     primary key (fact, id, deleted_batch)
   )`,
  ),
  createOwn(
    'etl.held',
    `create table if not exists etl.held (
     fact text not null,
     id bigint not null,
     batch integer not null,
     row jsonb not null,
     missing text[] not null,
     primary key (fact, id)
   )`,
  ),
  createOwn(
    'etl.adoption',
    `create table if not exists etl.adoption (
     adopted_at timestamptz not null default clock_timestamp(),
     last_record_ids jsonb not null
   )`,
  ),
  createOwn(
    'etl.migration',
    `create table if not exists etl.migration (
     model_sha256 text primary key,
     applied_at timestamptz not null default clock_timestamp()
   )`,
  ),
  createOwn(
    'etl.comment',
    `create table if not exists etl.comment (
     relation text not null,
     column_name text not null,
     said text not null,
     primary key (relation, column_name)
   )`,
  ),
];

function createOwn(relation: string, statement: string): EtlStep {
  return { relation, change: 'create table', statement };
}

/** Returns the indexes of the pipeline's own tables. */
export function etlIndexes(model: Model): WarehouseIndex[] {
  return [
    {
      schema: 'etl',
      name: 'deletion_open',
      statement: 'create index deletion_open on etl.deletion (fact, id) where restored_batch is null',
    },
    // Source clocks are texts of one form: byte order is the order of time, which another collation may not keep.
    {
      schema: 'etl',
      name: 'ledger_source_clock',
      statement: 'create index ledger_source_clock on etl.ledger (source_clock collate "C", batch)',
    },
    ...factsOf(model).map(ledgerIndex),
  ];
}
