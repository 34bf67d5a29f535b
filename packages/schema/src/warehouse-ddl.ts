import { postgresType } from './column-type.ts';
import { findCalendar, type Model } from './model.ts';
import { quoteIdentifier, quoteIdentifiers, quoteLiteral } from './quote-identifier.ts';
import type { Fact, WarehouseTable } from './warehouse-table.ts';

/** A warehouse table by its full name. */
export const warehouseRelation = (name: string): string => `public.${quoteIdentifier(name)}`;

/** A foreign key of a fact: its column, and the dimension that it refers to with that one's key. */
export interface WarehouseForeignKey {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly references: string;
  readonly key: string;
}

/** Creates a warehouse table unless it is there, with its primary key and without its foreign keys. */
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

/** The foreign keys of a fact, in the order of its columns. */
export function foreignKeysOf(model: Model, fact: Fact): WarehouseForeignKey[] {
  return fact.columns.flatMap((column) => {
    const target = model.warehouse.find(({ name }) => name === column.references);
    if (!target || target.kind === 'fact') return [];
    const name = `${fact.name}_${column.name}_fkey`;
    return [{ name, table: fact.name, column: column.name, references: target.name, key: target.key }];
  });
}

/** Adds a foreign key; Postgres checks all rows that are there. */
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

/** The index by which a fact's latest version is found. */
export function latestIndex(fact: Fact): WarehouseIndex {
  const name = `${fact.name}_latest`;
  const statement = `create index ${quoteIdentifier(name)}
    on ${warehouseRelation(fact.name)} (${quoteIdentifier(fact.key)}, ${quoteIdentifier(fact.recordId)} desc)`;
  return { schema: 'public', name, statement };
}

/** The index by which the batch of a fact's record id is found: the first batch whose last record id is not below it. */
export function ledgerIndex(fact: Fact): WarehouseIndex {
  const name = `ledger_${fact.name}`;
  const statement = `create index ${quoteIdentifier(name)}
    on etl.ledger (((last_record_ids ->> ${quoteLiteral(fact.name)})::bigint), batch)`;
  return { schema: 'etl', name, statement };
}

/** All columns of a fact, its record id first. */
export function factColumns(fact: Fact): string[] {
  return [fact.recordId, ...fact.columns.map(({ name }) => name)];
}

/** The name of the view of a fact's current state. */
export const currentView = (fact: Fact): string => `current_${fact.name}`;

/**
 * Selects a fact's current state: the highest record id of each id that is not deleted. `is not true` keeps the planner from making a join of
 * `exists`: without statistics it would read all deletions again for each row. So it looks each id up by index, or reads them once into a hash.
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

/** Selects a fact as it is, for the view that shows it under its second name. */
export function selectAlias(fact: Fact, columns: readonly string[] = factColumns(fact)): string {
  return `select ${quoteIdentifiers(columns)} from ${warehouseRelation(fact.name)}`;
}

/** Creates a view, or replaces the one that has its name; that keeps readers out, so only where it differs. */
export function createView(name: string, select: string): string {
  return `create or replace view ${warehouseRelation(name)} as
    ${select}`;
}

/** The warehouse tables with what is referred to in front: the calendar, the dimensions, the facts. */
export function warehouseTablesInOrder(model: Model): WarehouseTable[] {
  const calendar = findCalendar(model);
  const ofKind = (kind: WarehouseTable['kind']) => model.warehouse.filter((table) => table.kind === kind);
  return [...(calendar ? [calendar] : []), ...ofKind('dimension'), ...ofKind('fact')];
}
