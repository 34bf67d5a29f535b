import { comparedColumns, type Fact, quoteIdentifier, warehouseRelation } from '@totesys/schema';
import { columnList, stagingOf } from './staging.ts';

/**
 * Inserts each row of the staging that is the first version of its id or differs from the latest one.
 * Rows come in the order of the parts, because one process alone reads a temporary table, from its start:
 * the same batch always gets the same record ids.
 */
export function insertVersions(fact: Fact): string {
  const key = quoteIdentifier(fact.key);
  const recordId = quoteIdentifier(fact.recordId);
  const target = warehouseRelation(fact.name);
  return `insert into ${target} (${columnList(fact)})
    select ${columnList(fact, 's')}
      from ${stagingOf(fact.name)} s
      left join lateral (select f.* from ${target} f where f.${key} = s.${key}
                          order by f.${recordId} desc limit 1) latest on true
     where latest.${recordId} is null
        or (${comparedColumns(fact, 's')}) is distinct from (${comparedColumns(fact, 'latest')})`;
}

/** Whether a fact has rows or deletions. */
export interface WasUsed {
  readonly used: boolean;
}

/** Selects whether a fact has rows or deletions; $1 is the fact's name. */
export function selectWasUsed(fact: Fact): string {
  return `select exists (select from ${warehouseRelation(fact.name)})
              or exists (select from etl.deletion where fact = $1::text) as used`;
}

/** A number of rows. */
export interface RowCount {
  readonly rows: number;
}

/** Counts the rows of a fact, up to $1. */
export function countRowsUpTo(fact: Fact): string {
  return `select count(*)::int as rows
            from (select from ${warehouseRelation(fact.name)} limit $1::integer) first_rows`;
}
