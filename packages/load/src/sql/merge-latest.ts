import {
  comparedColumns,
  firstBatchAt,
  historyRelation,
  keyNumber,
  type LatestTable,
  quoteIdentifier,
  quoteLiteral,
  UNTIL_BATCH,
  warehouseRelation,
} from '@totesys/schema';
import { columnList, stagingOf } from './staging.ts';

/** A column of the changed rows that no table of the model has. */
const IS_NEW = quoteIdentifier('#new');

/**
 * Inserts and updates the rows of the calendar or a dimension, moves the states that batch $1 replaces to the history,
 * and records the first batch of new keys: one statement, whose parts all see the rows from before it. A row that does
 * not differ is not even locked.
 */
export function mergeLatest(table: LatestTable): string {
  const key = quoteIdentifier(table.key);
  const target = warehouseRelation(table.name);
  const updates = table.columns
    .filter(({ name }) => name !== table.key)
    .map(({ name }) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  return `with changed as materialized (
    select distinct on (s.${key}) ${columnList(table, 's')}, d.${key} is null as ${IS_NEW}
      from ${stagingOf(table.name)} s left join ${target} d on d.${key} = s.${key}
     where d.${key} is null or (${comparedColumns(table, 's')}) is distinct from (${comparedColumns(table, 'd')})
     order by s.${key}),
  replaced as (
    insert into ${historyRelation(table)} (${columnList(table)}, ${UNTIL_BATCH})
    select ${columnList(table, 'd')}, $1::integer
      from changed c join ${target} d on d.${key} = c.${key}
     where not c.${IS_NEW}),
  ${recordFirstBatches(table)}
  insert into ${target} (${columnList(table)})
    select ${columnList(table)} from changed
    on conflict (${key}) do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`;
}

// An entry of `etl.first_batch` holds for all keys up to the next entry. So new keys above all others are one run,
// whatever their gaps. Each run of new keys between others ends with an entry that repeats the batch before it.
function recordFirstBatches(table: LatestTable): string {
  const key = quoteIdentifier(table.key);
  const name = quoteLiteral(table.name);
  const number = keyNumber(table, `c.${key}`);
  const highest = keyNumber(table, `(select max(${key}) from ${warehouseRelation(table.name)})`);
  return `started as (
    select ${number} as id, coalesce(${number} > ${highest}, true) as above from changed c where c.${IS_NEW}),
  runs as (
    select min(id) as id, null::bigint as after from started where above having count(*) > 0
    union all
    select min(id), max(id) + 1
      from (select id, id - row_number() over (order by id) as run from started where not above) r group by run),
  firsts as (
    insert into etl.first_batch (dimension, from_id, batch)
    select ${name}, id, $1::integer from runs
    union all
    select ${name}, after, ${firstBatchAt(table, 'after')} from runs
     where after is not null
       and not exists (select from etl.first_batch s where s.dimension = ${name} and s.from_id = after)
    on conflict (dimension, from_id) do update set batch = excluded.batch)`;
}

/** Records $1 as the first batch of all keys of a table that was empty before it. */
export function recordFirstBatch(table: LatestTable): string {
  const key = quoteIdentifier(table.key);
  return `insert into etl.first_batch (dimension, from_id, batch)
    select ${quoteLiteral(table.name)}, ${keyNumber(table, 'least_key')}, $1::integer
      from (select min(${key}) as least_key from ${warehouseRelation(table.name)}) k where least_key is not null
    on conflict (dimension, from_id) do update set batch = excluded.batch`;
}
