import type { KeySet } from '@totesys/lake';
import type { Statement } from '@totesys/runtime';
import {
  comparedColumns,
  type Fact,
  firstBatch,
  historyRelation,
  keyNumber,
  type LatestTable,
  quoteIdentifier,
  quoteIdentifiers,
  UNTIL_BATCH,
  warehouseRelation,
} from '@totesys/schema';
import { arrayOfKeys } from './side-rows.ts';

/** Faults of one kind that a statement returns; it counts all. */
const MOST_NAMED = 100;

/** A fault of one id of a fact, with the number of such faults. */
export interface FaultRow {
  readonly id: string;
  readonly fault: string;
  readonly total: string;
}

/** Selects the ids whose versions repeat: a version that equals the one before it. `within` limits the ids. */
export function selectEqualVersions(fact: Fact, within?: KeySet): Statement {
  const key = quoteIdentifier(fact.key);
  const record = quoteIdentifier(fact.recordId);
  const columns = comparedColumns(fact, 'f');
  const relation = within ? 'chosen' : warehouseRelation(fact.name);
  const parameters = within ? arraysOf(within) : [];
  const chosen = within
    ? `with chosen as (
  select c.* from ${ranges(1)} join ${warehouseRelation(fact.name)} c on c.${key} between r.first and r.last)`
    : '';
  // Ids with one version, which are most, are not even sorted. Records compare null with null as equal.
  return firstFaults({
    parameters,
    text: `${chosen}
select id, 'version ' || record || ' equals the one before it, ' || record_before as fault
  from (select f.${key} as id, f.${record} as record, lag(f.${record}) over versions as record_before,
               row(${columns}) as version, lag(row(${columns})) over versions as version_before
          from ${relation} f
         where f.${key} in (select ${key} from ${relation} group by 1 having count(*) > 1)
        window versions as (partition by f.${key} order by f.${record})) v
 where record_before is not null and version = version_before`,
  });
}

/**
 * Selects the ids whose deletions and returns do not alternate, or are in batches beyond the newest of the ledger.
 * `within` limits the ids.
 */
export function selectBrokenDeletions(fact: Fact, newest: number, within?: KeySet): Statement {
  const chosen = within ? `${ranges(3)} join etl.deletion on id between r.first and r.last` : 'etl.deletion';
  return firstFaults({
    text: `
select id, case
    when restored_batch <= deleted_batch
      then 'is restored in batch ' || restored_batch || ', which is not after its deletion in ' || deleted_batch
    when greatest(deleted_batch, restored_batch) > $2::integer
      then 'is deleted or restored in a batch that the ledger does not have'
    when before_batch is not null and restored_before is null
      then 'is deleted in batch ' || deleted_batch || ', and was already in ' || before_batch
    when restored_before > deleted_batch
      then 'is deleted in batch ' || deleted_batch || ', before it was restored in ' || restored_before
    when not exists (select from ${warehouseRelation(fact.name)} f where f.${quoteIdentifier(fact.key)} = d.id)
      then 'is deleted and has no version'
    end as fault
  from (select id, deleted_batch, restored_batch, lag(deleted_batch) over deletions as before_batch,
               lag(restored_batch) over deletions as restored_before
          from ${chosen} where fact = $1::text
        window deletions as (partition by id order by deleted_batch)) d`,
    parameters: [fact.name, newest, ...(within ? arraysOf(within) : [])],
  });
}

/**
 * Selects the keys of a dimension with a replaced state that equals the next one, or that was replaced before the first
 * row of its key came or in a batch beyond the newest of the ledger. `within` limits the keys.
 */
export function selectBrokenStates(table: LatestTable, newest: number, within?: KeySet): Statement {
  const key = quoteIdentifier(table.key);
  const names = quoteIdentifiers(table.columns.map(({ name }) => name));
  const history = within ? 'chosen' : historyRelation(table);
  const number = keyNumber(table, `c.${key}`);
  const chosen = within
    ? `with chosen as (
  select c.* from ${ranges(2)} join ${historyRelation(table)} c on ${number} between r.first and r.last)`
    : '';
  return firstFaults({
    text: `${chosen}
select id, case
    when state = state_after then 'the state until batch ' || ${UNTIL_BATCH} || ' equals the one after it'
    when ${UNTIL_BATCH} > $1::integer then 'has a state until a batch that the ledger does not have'
    when ${UNTIL_BATCH} <= first_batch
      then 'has a state until batch ' || ${UNTIL_BATCH} || ', and its first row came in batch ' || first_batch
    end as fault
  from (select ${keyNumber(table, `s.${key}`)} as id, ${UNTIL_BATCH}, row(${comparedColumns(table, 's')}) as state,
               lead(row(${comparedColumns(table, 's')})) over states as state_after,
               ${firstBatch(table, `s.${key}`)} as first_batch
          from (select ${names}, ${UNTIL_BATCH} from ${history}
                union all
                select ${names}, null from ${warehouseRelation(table.name)}
                 where ${key} in (select ${key} from ${history})) s
        window states as (partition by s.${key} order by s.${UNTIL_BATCH} nulls last)) h
 where ${UNTIL_BATCH} is not null`,
    parameters: [newest, ...(within ? arraysOf(within) : [])],
  });
}

// The first and the last key of each range, as parameters `at` and the next one.
function ranges(at: number): string {
  return `unnest($${at}::bigint[], $${at + 1}::bigint[]) r (first, last)`;
}

function arraysOf(keys: KeySet): string[] {
  const found = [...keys.ranges()];
  return [arrayOfKeys(found.map(([first]) => first)), arrayOfKeys(found.map(([, last]) => last))];
}

function firstFaults({ text, parameters = [] }: Statement): Statement {
  return {
    text: `
select *, count(*) over () as total
  from (${text}) f where fault is not null order by id limit ${MOST_NAMED}`,
    parameters,
  };
}

/** The sequence of a fact's record ids; null where the column has none. */
export interface SequenceRow {
  readonly name: string | null;
}

/** Selects the sequence of a fact's record ids. */
export function selectSequence(fact: Fact): Statement {
  return {
    text: 'select pg_get_serial_sequence($1::text, $2::text) as name',
    parameters: [warehouseRelation(fact.name), fact.recordId],
  };
}

/** The highest record id, and the next that the sequence will return. */
export interface NextIdRow {
  readonly highest: string;
  readonly next: string;
}

/** Selects the highest record id and the next one. `sequence` is a quoted name, as Postgres returned it. */
export function selectNextId(fact: Fact, sequence: string): Statement {
  const record = quoteIdentifier(fact.recordId);
  // A sequence that was set with is_called false has not returned its value yet.
  return {
    text: `
select h.highest::text as highest, (case when s.is_called then s.last_value + 1 else s.last_value end)::text as next
  from ${sequence} s, (select coalesce(max(${record}), 0) as highest from ${warehouseRelation(fact.name)}) h`,
  };
}

/** Selects the newest batch of the ledger, 0 for none. */
export const selectNewestBatch: Statement = { text: 'select coalesce(max(batch), 0) as batch from etl.ledger' };
