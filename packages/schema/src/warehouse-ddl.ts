import { postgresType } from './column-type.ts';
import { findCalendar, type Model } from './model.ts';
import { quoteIdentifier, quoteIdentifiers, quoteLiteral } from './quote-identifier.ts';
import type { Fact, WarehouseTable } from './warehouse-table.ts';

/** Returns the qualified name of a warehouse table. */
export const warehouseRelation = (name: string): string => `public.${quoteIdentifier(name)}`;

/** A foreign key of a fact: its column, the dimension that it refers to, and the key of that dimension. */
export interface WarehouseForeignKey {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly references: string;
  readonly key: string;
}

/**
 * Returns the statement that creates a warehouse table, with its primary key and without foreign keys, unless it
 * exists.
 */
export function createTable(table: WarehouseTable): string {
  const key = table.kind === 'fact' ? table.recordId : table.key;
  const columns = [
    ...(table.kind === 'fact' ? [`${quoteIdentifier(table.recordId)} serial`] : []),
    ...table.columns.map((column) => {
      const nullable = 'nullable' in column && column.nullable;
      return `${quoteIdentifier(column.name)} ${postgresType(column.type)}${nullable ? '' : ' not null'}`;
    }),
    `primary key (${quoteIdentifier(key)})`,
  ];
  return `create table if not exists ${warehouseRelation(table.name)} (\n  ${columns.join(',\n  ')}\n)`;
}

/** Returns the foreign keys of a fact, in the order of its columns. */
export function foreignKeysOf(model: Model, fact: Fact): WarehouseForeignKey[] {
  return fact.columns.flatMap((column) => {
    const target = model.warehouse.find(({ name }) => name === column.references);
    if (!target || target.kind === 'fact') return [];
    const name = `${fact.name}_${column.name}_fkey`;
    return [{ name, table: fact.name, column: column.name, references: target.name, key: target.key }];
  });
}

/** Returns the statement that adds a foreign key; Postgres then checks all existing rows. */
export function addForeignKey({ name, table, column, references, key }: WarehouseForeignKey): string {
  return `alter table ${warehouseRelation(table)} add constraint ${quoteIdentifier(name)}
    foreign key (${quoteIdentifier(column)}) references ${warehouseRelation(references)} (${quoteIdentifier(key)})`;
}

/** An index: its schema and name, and the statement that creates it. */
export interface WarehouseIndex {
  readonly schema: string;
  readonly name: string;
  readonly statement: string;
}

/** Returns the index that finds the latest version of a fact's id. */
export function latestIndex(fact: Fact): WarehouseIndex {
  const name = `${fact.name}_latest`;
  const statement = `create index ${quoteIdentifier(name)}
    on ${warehouseRelation(fact.name)} (${quoteIdentifier(fact.key)}, ${quoteIdentifier(fact.recordId)} desc)`;
  return { schema: 'public', name, statement };
}

/** Returns the index that finds the batch of a record id: the first batch whose last record id is at least as high. */
export function ledgerIndex(fact: Fact): WarehouseIndex {
  const name = `ledger_${fact.name}`;
  const statement = `create index ${quoteIdentifier(name)}
    on etl.ledger (((last_record_ids ->> ${quoteLiteral(fact.name)})::bigint), batch)`;
  return { schema: 'etl', name, statement };
}

/** Returns the names of all columns of a fact, its record id first. */
export function factColumns(fact: Fact): string[] {
  return [fact.recordId, ...fact.columns.map(({ name }) => name)];
}

/** Returns the name of the view of a fact's current state. */
export const currentView = (fact: Fact): string => `current_${fact.name}`;

/**
 * Returns the query of a fact's current state: the highest record id of each id that is not deleted. `is not true`
 * prevents the planner from turning `exists` into a join, which without statistics may read all deletions again for
 * each row. With it, the planner looks up each id by index, or reads all deletions once into a hash.
 */
export function selectCurrent(fact: Fact, columns: readonly string[] = factColumns(fact)): string {
  return `select ${quoteIdentifiers(columns, 'latest')}
      from (select distinct on (f.${quoteIdentifier(fact.key)}) ${quoteIdentifiers(columns, 'f')}
              from ${warehouseRelation(fact.name)} f
             order by f.${quoteIdentifier(fact.key)}, f.${quoteIdentifier(fact.recordId)} desc) latest
     where (exists (select from etl.deletion d
                     where d.fact = ${quoteLiteral(fact.name)} and d.id = latest.${quoteIdentifier(fact.key)}
                       and d.restored_batch is null)) is not true`;
}

/** Returns the query of all versions of a fact, for the view with its second name. */
export function selectAlias(fact: Fact, columns: readonly string[] = factColumns(fact)): string {
  return `select ${quoteIdentifiers(columns)} from ${warehouseRelation(fact.name)}`;
}

/**
 * Returns the statement that creates or replaces a view. A replacement blocks readers: run it only if the definition
 * differs.
 */
export function createView(name: string, select: string): string {
  return `create or replace view ${warehouseRelation(name)} as
    ${select}`;
}

/** Returns the warehouse tables in the order of their references: the calendar, then dimensions, then facts. */
export function warehouseTablesInOrder(model: Model): WarehouseTable[] {
  const calendar = findCalendar(model);
  const ofKind = (kind: WarehouseTable['kind']) => model.warehouse.filter((table) => table.kind === kind);
  return [...(calendar ? [calendar] : []), ...ofKind('dimension'), ...ofKind('fact')];
}
