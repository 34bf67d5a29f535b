import { factAsOf, latestAsOf, statesOf } from './as-of.ts';
import { changesBetween } from './changes-between.ts';
import { factsOf, latestTablesOf, type Model } from './model.ts';
import { STAR, type StarSchemas } from './star-schemas.ts';
import { declareFunction, type WarehouseFunction } from './warehouse-function.ts';

/** Returns the functions of the warehouse; each uses only those before it. */
export function functionsOf(model: Model): WarehouseFunction[] {
  return [...etlFunctions, ...starFunctions(model, STAR)];
}

/** Returns the functions that read the star in the given schemas; they use those of the schema `etl`. */
export function starFunctions(model: Model, schemas: StarSchemas): WarehouseFunction[] {
  const facts = factsOf(model);
  const latest = latestTablesOf(model);
  return [
    batchAt(schemas),
    ...facts.map((fact) => factAsOf(schemas, fact)),
    ...latest.map((table) => latestAsOf(schemas, table)),
    ...latest.map((table) => statesOf(schemas, table)),
    changesBetween(schemas, facts),
  ];
}

/** Below every record id: a fact had no row as of the batch. */
const NO_RECORD = `'-9223372036854775808'::bigint`;

/** `etl.shown_batch(batch)`: refuses each batch whose state the warehouse never showed or does not know. */
const shownBatch = declareFunction({
  schema: 'etl',
  name: 'shown_batch',
  arguments: [{ name: 'as_of_batch', type: 'integer', shown: 'batch' }],
  returns: 'integer',
  language: 'plpgsql',
  about: 'The same batch, if the warehouse has shown its state and has kept it; otherwise an error with the reason.',
  body: `declare
  entry record;
  newest integer;
  begins integer;
begin
  if as_of_batch is null then
    raise exception 'The batch is null: expected a number of etl.ledger. No batch was read up to that time.'
      using errcode = '22023';
  end if;
  select l.loaded_with, l.last_record_ids is not null as known into entry from etl.ledger l where l.batch = as_of_batch;
  if not found then
    select max(l.batch) into newest from etl.ledger l;
    raise exception 'Batch % is not loaded: expected a batch of etl.ledger, whose newest one is %.',
      as_of_batch, coalesce(newest, 0) using errcode = '22023';
  end if;
  select max(l.batch) into begins from etl.ledger l where l.loaded_with is null;
  if as_of_batch < begins or not entry.known then
    raise exception 'The state as of batch % was not kept: the history of this warehouse begins with batch %. '
      'To have all of it, build a warehouse in an empty database with: totesys rebuild', as_of_batch, begins
      using errcode = '22023';
  end if;
  if entry.loaded_with > as_of_batch then
    raise exception 'Batch % loaded together with later ones up to batch %: the warehouse never showed the state as '
      'of batch %. Use batch %.', as_of_batch, entry.loaded_with, as_of_batch, entry.loaded_with
      using errcode = '22023';
  end if;
  return as_of_batch;
end`,
});

/** `etl.last_record_id(fact, batch)`: the end of a fact as of a batch. */
const lastRecordId = declareFunction({
  schema: 'etl',
  name: 'last_record_id',
  arguments: [
    { name: 'of_fact', type: 'text', shown: 'fact' },
    { name: 'as_of_batch', type: 'integer', shown: 'batch' },
  ],
  returns: 'bigint',
  language: 'plpgsql',
  about: 'The highest record id that a fact table had as of a batch; an error as from etl.shown_batch.',
  body: `begin
  return (select coalesce((l.last_record_ids ->> of_fact)::bigint, ${NO_RECORD})
            from etl.ledger l where l.batch = etl.shown_batch(as_of_batch));
end`,
});

/** `batch_at(moment)`: the batch as of a moment. */
const batchAt = (schemas: StarSchemas) =>
  declareFunction({
    schema: schemas.tables,
    name: 'batch_at',
    arguments: [{ name: 'moment', type: 'timestamp without time zone', shown: 'timestamp' }],
    returns: 'integer',
    language: 'sql',
    about:
      'The newest batch that was read at or before a time, by the clock of the source in UTC; null if there is none.',
    // The form for which the ledger has an index: one lookup, however long the ledger is.
    body: `select l.batch from etl.ledger l
 where l.source_clock collate "C" <= to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS.US')
 order by l.source_clock collate "C" desc, l.batch desc limit 1`,
  });

/** The functions of the schema `etl`, which read only the ledger. */
export const etlFunctions: readonly WarehouseFunction[] = [shownBatch, lastRecordId];
