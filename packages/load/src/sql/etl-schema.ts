import { factsOf, ledgerIndex, type Model, type WarehouseIndex } from '@totesys/schema';

/** Makes the schema of the pipeline's own tables. */
export const createEtlSchema = 'create schema etl';

/** The pipeline's own tables, beside the star schema. */
export const etlSchema: readonly string[] = [
  `create table if not exists etl.ledger (
     batch integer primary key,
     manifest_sha256 text not null,
     processed_sha256 text not null,
     source_clock text not null,
     rows bigint not null,
     loaded_at timestamptz not null default clock_timestamp(),
     last_record_ids jsonb
   )`,
  // A ledger that is older than the column gets it. Asked first, since ALTER TABLE keeps readers out even where it has nothing to do.
  `do $$ begin
     if not exists (select from pg_attribute where attrelid = 'etl.ledger'::regclass and attname = 'last_record_ids') then
       alter table etl.ledger add column last_record_ids jsonb;
     end if;
   end $$`,
  `create table if not exists etl.deletion (
     fact text not null,
     id bigint not null,
     deleted_batch integer not null,
     restored_batch integer,
     primary key (fact, id, deleted_batch)
   )`,
  `create table if not exists etl.held (
     fact text not null,
     id bigint not null,
     batch integer not null,
     row jsonb not null,
     missing text[] not null,
     primary key (fact, id)
   )`,
  `create table if not exists etl.adoption (
     adopted_at timestamptz not null default clock_timestamp(),
     last_record_ids jsonb not null
   )`,
  `create table if not exists etl.migration (
     model_sha256 text primary key,
     applied_at timestamptz not null default clock_timestamp()
   )`,
  `create table if not exists etl.comment (
     relation text not null,
     column_name text not null,
     said text not null,
     primary key (relation, column_name)
   )`,
];

/** The indexes of the pipeline's own tables. */
export function etlIndexes(model: Model): WarehouseIndex[] {
  return [
    {
      schema: 'etl',
      name: 'deletion_open',
      statement: 'create index deletion_open on etl.deletion (fact, id) where restored_batch is null',
    },
    // A clock is text of one form, so its order is that of time; its collation is named, since another may order it differently.
    {
      schema: 'etl',
      name: 'ledger_source_clock',
      statement: 'create index ledger_source_clock on etl.ledger (source_clock collate "C", batch)',
    },
    ...factsOf(model).map(ledgerIndex),
  ];
}
