import {
  factsOf,
  historyIndex,
  historyRelation,
  latestTablesOf,
  ledgerIndex,
  type Model,
  type WarehouseIndex,
} from '@totesys/schema';

/** Tables of the pipeline whose rows only a backup or the lake can restore. */
export const KEPT_TABLES = ['etl.deletion', 'etl.held'];

/** Returns the tables of the pipeline without which a migration is not done. */
export function ownTables(model: Model): string[] {
  const histories = latestTablesOf(model).map(historyRelation);
  return ['etl.ledger', 'etl.adoption', 'etl.comment', 'etl.first_batch', ...KEPT_TABLES, ...histories];
}

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
     last_record_ids jsonb,
     loaded_with integer
   )`,
  ),
  // An older ledger lacks columns. `add column if not exists` would block readers even if the column exists.
  addLedgerColumn('last_record_ids', 'jsonb'),
  addLedgerColumn('loaded_with', 'integer'),
  createOwn(
    'etl.first_batch',
    `create table if not exists etl.first_batch (
     dimension text not null,
     from_id bigint not null,
     batch integer,
     primary key (dimension, from_id)
   )`,
  ),
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

function addLedgerColumn(column: string, type: string): EtlStep {
  return {
    relation: 'etl.ledger',
    change: `add column '${column}'`,
    column,
    statement:
      `do $$ begin
     if not exists (select from pg_attribute where attrelid = 'etl.ledger'::regclass ` +
      `and attname = '${column}') then
       alter table etl.ledger add column ${column} ${type};
     end if;
   end $$`,
  };
}

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
    {
      schema: 'etl',
      name: 'ledger_before_history',
      statement: 'create index ledger_before_history on etl.ledger (batch) where loaded_with is null',
    },
    {
      schema: 'etl',
      name: 'first_batch_batch',
      statement: 'create index first_batch_batch on etl.first_batch (batch, dimension)',
    },
    ...factsOf(model).map(ledgerIndex),
    ...latestTablesOf(model).map(historyIndex),
  ];
}
