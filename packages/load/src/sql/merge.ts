import {
  type Calendar,
  comparedColumns,
  type Dimension,
  type Fact,
  foreignKeysOf,
  type Model,
  quoteIdentifier,
  quoteIdentifiers,
  quoteLiteral,
  type WarehouseTable,
  warehouseRelation,
} from '@totesys/schema';

/** Where a table's rows of the batch lie while they are merged. */
export const stageOf = (table: string): string => `pg_temp.${quoteIdentifier(`stage_${table}`)}`;

/** Creates the stage of a table: its columns without their constraints, gone with the transaction. */
export function createStage(table: WarehouseTable): string {
  return `create temporary table ${quoteIdentifier(`stage_${table.name}`)} on commit drop as
    select ${quoteIdentifiers(names(table))} from ${warehouseRelation(table.name)} with no data`;
}

/** COPY into a table or its stage. */
export function copyInto(relation: string, table: WarehouseTable): string {
  return `copy ${relation} (${quoteIdentifiers(names(table))}) from stdin (format binary)`;
}

/** Brings the calendar or a dimension up to date; a row that is as it should be is not even locked. */
export function mergeLatest(table: Calendar | Dimension): string {
  const key = quoteIdentifier(table.key);
  const columns = names(table);
  const others = columns.filter((name) => name !== table.key);
  const updates = others.map((name) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  const target = warehouseRelation(table.name);
  return `insert into ${target} (${quoteIdentifiers(columns)})
    select distinct on (s.${key}) ${quoteIdentifiers(columns, 's')}
      from ${stageOf(table.name)} s left join ${target} d on d.${key} = s.${key}
     where d.${key} is null or (${comparedColumns(table, 's')}) is distinct from (${comparedColumns(table, 'd')})
     order by s.${key}
    on conflict (${key}) do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`;
}

/** Marks deletions of facts as ended whose rows arrive again in this batch ($2); $1 is the fact's name. */
export function restoreReappeared(fact: Fact): string {
  return `update etl.deletion d set restored_batch = $2::integer
     where d.fact = $1::text and d.restored_batch is null
       and exists (select from ${stageOf(fact.name)} s where s.${quoteIdentifier(fact.key)} = d.id)`;
}

/** Forgets held rows of fact $1 for which the batch brings a newer one. */
export function dropReplacedHeld(fact: Fact): string {
  return `delete from etl.held h where h.fact = $1::text
     and exists (select from ${stageOf(fact.name)} s where s.${quoteIdentifier(fact.key)} = h.id)`;
}

/** Puts held rows of fact $1 back into the stage whose dimension rows have all come, in the order of their ids. */
export function releaseHeld(model: Model, fact: Fact): string {
  const type = stageOf(fact.name);
  const present = foreignKeysOf(model, fact).map(
    ({ column, references, key }) =>
      `(r.${quoteIdentifier(column)} is null or exists (select from ${warehouseRelation(references)} d where d.${quoteIdentifier(key)} = r.${quoteIdentifier(column)}))`,
  );
  return `with released as (
      delete from etl.held h
       where h.fact = $1::text
         and exists (select from jsonb_populate_record(null::${type}, h.row) r where ${['true', ...present].join(' and ')})
      returning h.id, h.row)
    insert into ${type} (${quoteIdentifiers(names(fact))})
    select ${quoteIdentifiers(names(fact), 'r')} from released, lateral jsonb_populate_record(null::${type}, released.row) r
     order by released.id`;
}

/** Moves staged rows whose dimension row is missing to `etl.held`; $1 is the fact's name, $2 the batch. */
export function holdUnreferenced(model: Model, fact: Fact): string {
  const keys = foreignKeysOf(model, fact);
  const missing = keys.map(
    ({ column, references, key }) =>
      `s.${quoteIdentifier(column)} is not null and not exists (select from ${warehouseRelation(references)} d where d.${quoteIdentifier(key)} = s.${quoteIdentifier(column)})`,
  );
  const named = keys.map(({ column }, i) => `case when ${missing[i]} then ${nameLiteral(column)} end`);
  return `with unreferenced as (
      delete from ${stageOf(fact.name)} s where ${['false', ...missing.map((term) => `(${term})`)].join(' or ')}
      returning s.*)
    insert into etl.held (fact, id, batch, row, missing)
    select $1::text, s.${quoteIdentifier(fact.key)}, $2::integer, to_jsonb(s), array_remove(array[${named.join(', ')}]::text[], null)
      from unreferenced s
    on conflict (fact, id) do update set batch = excluded.batch, row = excluded.row, missing = excluded.missing`;
}

/**
 * Inserts each staged row that differs from the latest version of its id, or is the first of it. They come in the stage's own order, which is
 * the parts': a temporary table is read from its start by one process alone, so the same batch always gives the same numbers.
 */
export function insertVersions(fact: Fact): string {
  const columns = names(fact);
  const key = quoteIdentifier(fact.key);
  const record = quoteIdentifier(fact.recordId);
  return `insert into ${warehouseRelation(fact.name)} (${quoteIdentifiers(columns)})
    select ${quoteIdentifiers(columns, 's')}
      from ${stageOf(fact.name)} s
      left join lateral (select f.* from ${warehouseRelation(fact.name)} f where f.${key} = s.${key} order by f.${record} desc limit 1) latest on true
     where latest.${record} is null
        or (${comparedColumns(fact, 's')}) is distinct from (${comparedColumns(fact, 'latest')})`;
}

/** Creates the stage of deleted ids. */
export function createDeletedStage(fact: Fact): string {
  return `create temporary table ${quoteIdentifier(`stage_deleted_${fact.name}`)} on commit drop as
    select ${quoteIdentifier(fact.key)} from ${warehouseRelation(fact.name)} with no data`;
}

/** COPY of deleted ids into their stage. */
export function copyDeleted(fact: Fact): string {
  return `copy ${stageOf(`deleted_${fact.name}`)} (${quoteIdentifier(fact.key)}) from stdin (format binary)`;
}

/** Records the deletion of ids of fact $1 in batch $2; an id that never reached the warehouse, or is deleted already, is passed over. */
export function recordDeletions(fact: Fact): string {
  const key = quoteIdentifier(fact.key);
  return `insert into etl.deletion (fact, id, deleted_batch)
    select distinct $1::text, s.${key}::bigint, $2::integer from ${stageOf(`deleted_${fact.name}`)} s
     where exists (select from ${warehouseRelation(fact.name)} f where f.${key} = s.${key})
       and not exists (select from etl.deletion d where d.fact = $1::text and d.id = s.${key} and d.restored_batch is null)`;
}

/** Forgets held rows of fact $1 whose source rows are gone. */
export function dropDeletedHeld(fact: Fact): string {
  return `delete from etl.held h where h.fact = $1::text
     and exists (select from ${stageOf(`deleted_${fact.name}`)} s where s.${quoteIdentifier(fact.key)} = h.id)`;
}

function names(table: WarehouseTable): string[] {
  return table.columns.map(({ name }) => name);
}

// A column's name as text in the array of what is missing.
function nameLiteral(name: string): string {
  return `${quoteLiteral(name)}::text`;
}
