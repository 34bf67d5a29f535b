import { factsOf, type Model, quoteIdentifier, quoteLiteral, warehouseRelation } from '@totesys/schema';

/** Returns an SQL expression for the highest record id of each fact, by its table's name; null if a fact has no row. Each is one look-up in the primary key. */
export function highestRecordIds(model: Model): string {
  const pairs = factsOf(model).map(
    ({ name, recordId }) =>
      `${quoteLiteral(name)}, (select max(${quoteIdentifier(recordId)}) from ${warehouseRelation(name)})`,
  );
  return `jsonb_build_object(${pairs.join(', ')})`;
}

/** The newest ledger entry with its last record ids; `l` is read as a whole because an old ledger lacks that column. */
export const readNewestEntry = `select batch, nullif(to_jsonb(l) -> 'last_record_ids', 'null') as ids
  from etl.ledger l order by batch desc limit 1`;

/** The newest adoption's last record ids. */
export const readNewestAdoption = 'select last_record_ids as ids from etl.adoption order by adopted_at desc limit 1';
