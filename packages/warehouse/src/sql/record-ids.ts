import { factsOf, type Model, quoteIdentifier, quoteLiteral, warehouseRelation } from '@totesys/schema';

/** Record ids by the name of their fact; null for a fact without rows. */
type Ids = Readonly<Record<string, number | null>>;

/** The highest record id of each fact. */
export interface HighestIds {
  readonly ids: Ids;
}

/**
 * Returns an SQL expression for the highest record id of each fact, as `jsonb` by the fact's name. Each is one look-up
 * in the primary key.
 */
export function highestRecordIds(model: Model): string {
  const pairs = factsOf(model).map(
    ({ name, recordId }) =>
      `${quoteLiteral(name)}, (select max(${quoteIdentifier(recordId)}) from ${warehouseRelation(name)})`,
  );
  return `jsonb_build_object(${pairs.join(', ')})`;
}

/** The newest ledger entry: its batch, and the last record ids, null in an old ledger. */
export interface NewestEntry {
  readonly batch: number;
  readonly ids: Ids | null;
}

/** Selects the newest ledger entry. It reads the whole row as JSON, because an old ledger lacks the column. */
export const selectNewestEntry = `select batch, nullif(to_jsonb(l) -> 'last_record_ids', 'null') as ids
  from etl.ledger l order by batch desc limit 1`;

/** The last record ids of the newest adoption. */
export interface NewestAdoption {
  readonly ids: Ids;
}

/** Selects the newest adoption. */
export const selectNewestAdoption = 'select last_record_ids as ids from etl.adoption order by adopted_at desc limit 1';
