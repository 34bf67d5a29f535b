import { isDeletedAsOf } from './as-of.ts';
import { quoteIdentifier, quoteLiteral } from './quote-identifier.ts';
import { type StarSchemas, starRelation } from './star-schemas.ts';
import { declareFunction, type WarehouseFunction } from './warehouse-function.ts';
import type { Fact } from './warehouse-table.ts';

const BATCHES = ['(select etl.shown_batch($1))', '(select etl.shown_batch($2))'] as const;

/**
 * Returns the function of the facts that differ between the states as of two batches. It reads the versions and the
 * deletions of the batches between them, and for each id its versions as of both.
 */
export function changesBetween(schemas: StarSchemas, facts: readonly Fact[]): WarehouseFunction {
  return declareFunction({
    schema: schemas.tables,
    name: 'changes_between',
    arguments: [
      { name: 'from_batch', type: 'integer', shown: 'batch' },
      { name: 'to_batch', type: 'integer', shown: 'batch' },
    ],
    returns: [
      { name: 'fact', type: 'text' },
      { name: 'id', type: 'bigint' },
      { name: 'change', type: 'text' },
      { name: 'changed_columns', type: 'text[]' },
      { name: 'record_id_before', type: 'integer' },
      { name: 'record_id_after', type: 'integer' },
    ],
    language: 'sql',
    about:
      'Each fact whose states as of two batches differ: whether it was inserted, updated or deleted, the columns ' +
      'that an update changed, and the record ids of its version before and after (null if it had none).',
    body: facts.length > 0 ? facts.map((fact) => selectChanges(schemas, fact)).join('\nunion all\n') : NO_CHANGES,
  });
}

const NO_CHANGES = `select null::text, null::bigint, null::text, null::text[], null::integer, null::integer
 where false`;

function selectChanges(schemas: StarSchemas, fact: Fact): string {
  const [key, recordId] = [quoteIdentifier(fact.key), quoteIdentifier(fact.recordId)];
  const name = quoteLiteral(fact.name);
  const [from, to] = BATCHES;
  const last = (batch: string) => `(select etl.last_record_id(${name}, ${batch}))`;
  const isBetween = (column: string) => `${column} > least(${from}, ${to}) and ${column} <= greatest(${from}, ${to})`;
  const asOf = (parameter: '$1' | '$2', batch: string) => `left join lateral (
         select f.* from ${starRelation(schemas, fact.name)} f
          where f.${key} = c.id and f.${recordId} <= ${last(parameter)}
            and not exists (select from etl.deletion d
                             where d.fact = ${name} and d.id = c.id and ${isDeletedAsOf('d', batch)})
          order by f.${recordId} desc limit 1)`;
  return `select ${name}::text, c.id::bigint,
       case when b.${recordId} is null then 'inserted' when a.${recordId} is null then 'deleted' else 'updated' end,
       changed.columns, b.${recordId}, a.${recordId}
  from (select f.${key} as id from ${starRelation(schemas, fact.name)} f
         where f.${recordId} > least(${last('$1')}, ${last('$2')})
           and f.${recordId} <= greatest(${last('$1')}, ${last('$2')})
        union
        select d.id from etl.deletion d
         where d.fact = ${name} and (${isBetween('d.deleted_batch')} or ${isBetween('d.restored_batch')})) c
       ${asOf('$1', from)} b on true
       ${asOf('$2', to)} a on true
       cross join lateral (select ${changedColumns(fact)} as columns) changed
 where ${from} is not null and ${to} is not null
   and ((b.${recordId} is null) <> (a.${recordId} is null) or changed.columns <> '{}')`;
}

// Only of an update: a fact that was inserted or deleted has no columns that changed.
function changedColumns(fact: Fact): string {
  const recordId = quoteIdentifier(fact.recordId);
  const names = fact.columns
    .filter(({ name }) => name !== fact.key)
    .map(({ name, type }) => {
      const collate = type.kind === 'text' || type.kind === 'varchar' ? ' collate "C"' : '';
      const column = `${quoteIdentifier(name)}${collate}`;
      return `case when a.${column} is distinct from b.${column} then ${quoteLiteral(name)} end`;
    });
  const changed = `array_remove(array[${names.join(', ')}]::text[], null)`;
  return `case when a.${recordId} is null or b.${recordId} is null then '{}'::text[] else ${changed} end`;
}
