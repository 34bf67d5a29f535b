import { postgresType } from './column-type.ts';
import { quoteIdentifier, quoteIdentifiers, quoteLiteral } from './quote-identifier.ts';
import { STAR, type StarSchemas, starRelation } from './star-schemas.ts';
import type { WarehouseIndex } from './warehouse-ddl.ts';
import type { LatestTable } from './warehouse-table.ts';

/** Returns the name of the table that keeps the replaced states of a dimension, in schema `etl`. */
export const historyName = (table: LatestTable): string => `${table.name}_history`;

/** Returns the qualified name of the table that keeps the replaced states of a dimension. */
export const historyRelation = (table: LatestTable): string => `etl.${quoteIdentifier(historyName(table))}`;

/** Returns the qualified name of the same states in the given schemas. */
export const historyIn = ({ histories }: StarSchemas, table: LatestTable): string =>
  `${histories}.${quoteIdentifier(historyName(table))}`;

/** The column of a history with the batch that replaced the state. */
export const UNTIL_BATCH = 'until_batch';

/**
 * Returns the statements that create the history of a dimension and begin it: the first batch of each of its present
 * rows is unknown.
 */
export function createHistory(table: LatestTable): string {
  const key = quoteIdentifier(table.key);
  // Only the key is `not null`: states from before a column was added have no value for it.
  const columns = table.columns.map(({ name, type }) => `${quoteIdentifier(name)} ${postgresType(type)}`);
  return `create table if not exists ${historyRelation(table)} (
  ${columns.join(',\n  ')},
  ${UNTIL_BATCH} integer not null,
  primary key (${key}, ${UNTIL_BATCH})
);
insert into etl.first_batch (dimension, from_id, batch)
  values (${quoteLiteral(table.name)}, ${LEAST_ID}, null) on conflict do nothing`;
}

/** Returns the index that finds the states that a batch replaced. */
export function historyIndex(table: LatestTable): WarehouseIndex {
  const name = `${historyName(table)}_until`;
  const statement = `create index ${quoteIdentifier(name)} on ${historyRelation(table)} (${UNTIL_BATCH})`;
  return { schema: 'etl', name, statement };
}

/** Below every key. */
const LEAST_ID = `'-9223372036854775808'::bigint`;

/** Returns a key as a number: itself, or for a calendar the days since 1970. */
export function keyNumber(table: LatestTable, key: string): string {
  return table.kind === 'calendar' ? `(${key} - date '1970-01-01')` : key;
}

/** Returns an SQL expression for the batch that brought the first row of a key; null if it is unknown. */
export function firstBatch(table: LatestTable, key: string): string {
  return firstBatchAt(table, keyNumber(table, key));
}

/** Returns the same expression for the number of a key. */
export function firstBatchAt(table: LatestTable, id: string): string {
  return `(select fb.batch from etl.first_batch fb
            where fb.dimension = ${quoteLiteral(table.name)} and fb.from_id <= ${id}
            order by fb.from_id desc limit 1)`;
}

/**
 * Returns the query of a dimension's state as of a batch: a row that was replaced later has the values of its first
 * later replacement, any other its present ones. Dimension rows are never deleted, so each key is in the dimension.
 * `only` is a condition on all rows.
 */
export function selectStates(table: LatestTable, batch: string, only = 'true', schemas = STAR): string {
  const key = quoteIdentifier(table.key);
  const names = table.columns.map(({ name }) => name);
  const values = table.columns.map(({ name }) => {
    const column = quoteIdentifier(name);
    return name === table.key ? `d.${column}` : `case when r.${key} is null then d.${column} else r.${column} end`;
  });
  return `select ${values.join(',\n       ')}
  from ${starRelation(schemas, table.name)} d
  left join (select distinct on (h.${key}) ${quoteIdentifiers(names, 'h')}
               from ${historyIn(schemas, table)} h
              where h.${UNTIL_BATCH} > ${batch}
              order by h.${key}, h.${UNTIL_BATCH}) r on r.${key} = d.${key}
 where ${only} and coalesce(${firstBatch(table, `d.${key}`)}, 0) <= ${batch}`;
}
