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

/** Creates the index by which a fact's latest version is found. */
export function createLatestIndex(fact: Fact): string {
  return `create index if not exists ${quoteIdentifier(`${fact.name}_latest`)}
    on ${warehouseRelation(fact.name)} (${quoteIdentifier(fact.key)}, ${quoteIdentifier(fact.recordId)} desc)`;
}

/** All columns of a fact, its record id first. */
export function factColumns(fact: Fact): string[] {
  return [fact.recordId, ...fact.columns.map(({ name }) => name)];
}

/** The name of the view of a fact's current state. */
export const currentView = (fact: Fact): string => `current_${fact.name}`;

/** Creates the view of a fact's current state: the highest record id of each id that is not deleted. */
export function createCurrentView(fact: Fact, columns: readonly string[] = factColumns(fact)): string {
  return `create or replace view ${warehouseRelation(currentView(fact))} as
    select ${quoteIdentifiers(columns, 'latest')}
      from (select distinct on (f.${quoteIdentifier(fact.key)}) ${quoteIdentifiers(columns, 'f')}
              from ${warehouseRelation(fact.name)} f
             order by f.${quoteIdentifier(fact.key)}, f.${quoteIdentifier(fact.recordId)} desc) latest
     where not exists (select from etl.deletion d
                        where d.fact = ${quoteLiteral(fact.name)} and d.id = latest.${quoteIdentifier(fact.key)}
                          and d.restored_batch is null)`;
}

/** Creates the view that shows a fact under its second name. */
export function createAliasView(fact: Fact, columns: readonly string[] = factColumns(fact)): string {
  if (fact.alias === undefined) throw new Error(`The fact '${fact.name}' has no second name.`);
  return `create or replace view ${warehouseRelation(fact.alias)} as select ${quoteIdentifiers(columns)} from ${warehouseRelation(fact.name)}`;
}

/** The warehouse tables with what is referred to in front: the calendar, the dimensions, the facts. */
export function warehouseTablesInOrder(model: Model): WarehouseTable[] {
  const calendar = findCalendar(model);
  const ofKind = (kind: WarehouseTable['kind']) => model.warehouse.filter((table) => table.kind === kind);
  return [...(calendar ? [calendar] : []), ...ofKind('dimension'), ...ofKind('fact')];
}
