import { postgresType } from './column-type.ts';
import { firstBatch, historyIn, selectStates, UNTIL_BATCH } from './dimension-history.ts';
import { quoteIdentifier, quoteIdentifiers, quoteLiteral } from './quote-identifier.ts';
import { type StarSchemas, starRelation } from './star-schemas.ts';
import { factColumns } from './warehouse-ddl.ts';
import { declareFunction, type FunctionColumn, type WarehouseFunction } from './warehouse-function.ts';
import type { Fact, LatestTable, WarehouseTable } from './warehouse-table.ts';

/** The batch of the call: a subquery, so that Postgres checks it once, before the first row. */
const BATCH = '(select etl.shown_batch($1))';
/** Refuses the batch even if there is no row. */
const IS_SHOWN = `${BATCH} is not null`;

/** Returns the function of a fact's state as of a batch: the versions that were current then. */
export function factAsOf(schemas: StarSchemas, fact: Fact): WarehouseFunction {
  const key = quoteIdentifier(fact.key);
  const recordId = quoteIdentifier(fact.recordId);
  const columns = factColumns(fact);
  const last = `(select etl.last_record_id(${quoteLiteral(fact.name)}, $1))`;
  const body = `select ${quoteIdentifiers(columns, 'latest')}
  from (select distinct on (f.${key}) ${quoteIdentifiers(columns, 'f')}
          from ${starRelation(schemas, fact.name)} f
         where f.${recordId} <= ${last}
         order by f.${key}, f.${recordId} desc) latest
 where ${IS_SHOWN}
   and (exists (select from etl.deletion d
                 where d.fact = ${quoteLiteral(fact.name)} and d.id = latest.${key}
                   and ${isDeletedAsOf('d', BATCH)})) is not true`;
  const shown = `current_${fact.name}`;
  const about = `The rows that ${shown} had as of a batch. An error if the warehouse never showed that state.`;
  return asOf(schemas, fact, [integerColumn(fact.recordId), ...typedColumns(fact)], { body, about });
}

/** Returns the condition under which a deletion held as of a batch. */
export function isDeletedAsOf(alias: string, batch: string): string {
  const restored = `${alias}.restored_batch`;
  return `${alias}.deleted_batch <= ${batch} and (${restored} is null or ${restored} > ${batch})`;
}

/** Returns the function of a dimension's state as of a batch. */
export function latestAsOf(schemas: StarSchemas, table: LatestTable): WarehouseFunction {
  const about = `The rows that ${table.name} had as of a batch. An error if the warehouse never showed that state.`;
  const body = selectStates(table, BATCH, IS_SHOWN, schemas);
  return asOf(schemas, table, typedColumns(table), { body, about });
}

/** Returns the function of all states of a dimension's rows. */
export function statesOf(schemas: StarSchemas, table: LatestTable): WarehouseFunction {
  const key = quoteIdentifier(table.key);
  const names = table.columns.map(({ name }) => name);
  return declareFunction({
    schema: schemas.tables,
    name: `${table.name}_states`,
    arguments: [],
    returns: [...typedColumns(table), integerColumn('from_batch'), integerColumn(UNTIL_BATCH)],
    language: 'sql',
    about:
      `Every state of each row of ${table.name}: its values from the batch from_batch until the batch until_batch. ` +
      'from_batch is null if the warehouse does not know it, until_batch is null for the present state.',
    body: `select ${quoteIdentifiers(names, 's')},
       coalesce(lag(s.${UNTIL_BATCH}) over states, ${firstBatch(table, `s.${key}`)}), s.${UNTIL_BATCH}
  from (select ${quoteIdentifiers(names, 'h')}, h.${UNTIL_BATCH} from ${historyIn(schemas, table)} h
        union all
        select ${quoteIdentifiers(names, 'd')}, null::integer from ${starRelation(schemas, table.name)} d) s
window states as (partition by s.${key} order by s.${UNTIL_BATCH} nulls last)`,
  });
}

function asOf(
  schemas: StarSchemas,
  table: WarehouseTable,
  returns: readonly FunctionColumn[],
  { body, about }: { readonly body: string; readonly about: string },
): WarehouseFunction {
  return declareFunction({
    schema: schemas.tables,
    name: `${table.name}_as_of`,
    arguments: [{ name: 'as_of_batch', type: 'integer', shown: 'batch' }],
    returns,
    language: 'sql',
    about,
    body,
  });
}

function typedColumns(table: WarehouseTable): FunctionColumn[] {
  return table.columns.map(({ name, type }) => ({ name, type: postgresType(type) }));
}

function integerColumn(name: string): FunctionColumn {
  return { name, type: 'integer' };
}
