import { type Fact, quoteIdentifier, warehouseRelation } from '@totesys/schema';
import { deletedStagingOf, stagingOf } from './staging.ts';

/**
 * Records the deletion of ids of fact $1 in batch $2. An id that never reached the warehouse, or is deleted already,
 * is skipped.
 */
export function recordDeletions(fact: Fact): string {
  const key = quoteIdentifier(fact.key);
  return `insert into etl.deletion (fact, id, deleted_batch)
    select distinct $1::text, s.${key}::bigint, $2::integer
      from ${deletedStagingOf(fact)} s
     where exists (select from ${warehouseRelation(fact.name)} f where f.${key} = s.${key})
       and not exists (select from etl.deletion d
                        where d.fact = $1::text and d.id = s.${key} and d.restored_batch is null)`;
}

/** Ends the deletions of ids of fact $1 whose rows arrive again in batch $2. */
export function restoreReappeared(fact: Fact): string {
  return `update etl.deletion d set restored_batch = $2::integer
     where d.fact = $1::text and d.restored_batch is null
       and exists (select from ${stagingOf(fact.name)} s where s.${quoteIdentifier(fact.key)} = d.id)`;
}
