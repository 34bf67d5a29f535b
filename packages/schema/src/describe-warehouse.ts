import type { DescribedColumn, DescribedRelation } from './described-relation.ts';
import { etlTables } from './etl-tables.ts';
import { factsOf, type Model } from './model.ts';
import { currentView } from './warehouse-ddl.ts';
import type { Calendar, CalendarPart, Derivation, Fact, WarehouseColumn, WarehouseTable } from './warehouse-table.ts';

/** Everything in the warehouse that an analyst may read, in words: the star schema, its views, and what the pipeline keeps beside it. */
export function describeWarehouse(model: Model): DescribedRelation[] {
  return [...model.warehouse.map(describeTable), ...factsOf(model).flatMap(describeViews), ...etlTables];
}

/** A table of the star schema in words. */
export function describeTable(table: WarehouseTable): DescribedRelation {
  const { name } = table;
  return { schema: 'public', name, about: aboutTable(table), columns: describeColumns(table) };
}

/** The views of a fact in words: its current state, and its second name where it has one. */
export function describeViews(fact: Fact): DescribedRelation[] {
  const columns = describeColumns(fact);
  const about = `The latest version of each ${fact.key} in ${fact.name} that is not deleted in the source: one row an id. Begin here.`;
  const current = { schema: 'public', name: currentView(fact), about, columns };
  if (fact.alias === undefined) return [current];
  const alias = `${fact.name} under its second name: the same rows, every version. The current ones are in ${current.name}.`;
  return [current, { schema: 'public', name: fact.alias, about: alias, columns }];
}

function aboutTable(table: WarehouseTable): string {
  switch (table.kind) {
    case 'calendar':
      return 'The calendar: every day of every year in which any date of a fact lies.';
    case 'dimension':
      return `One row for each row of the source's ${table.source}, with its latest values. Rows are never removed, as facts refer to them.`;
    case 'fact':
      return `Every version of each row of the source's ${table.source}: a row that changes there is one more row here, and deleted ones stay. The current state is in ${currentView(table)}.`;
  }
}

function describeColumns(table: WarehouseTable): DescribedColumn[] {
  if (table.kind === 'calendar') return table.columns.map(({ name, part }) => ({ name, about: CALENDAR[part] }));
  const columns = table.columns.map((column) => describeColumn(table, column));
  if (table.kind === 'dimension') return columns;
  const about = `Numbers the versions in the order in which they were loaded: of one ${table.key} the highest is the latest. Gaps mean nothing.`;
  return [{ name: table.recordId, about }, ...columns];
}

function describeColumn(table: Exclude<WarehouseTable, Calendar>, column: WarehouseColumn): DescribedColumn {
  const { name, references, placeholder, nullable } = column;
  const about = [
    column.about ?? (name === table.key ? KEYS[table.kind] : undefined),
    references !== undefined && `Refers to ${references}.`,
    placeholder !== undefined && `'${placeholder}' where the source has none.`,
    nullable && 'Null where the source has none.',
  ];
  return { name, about: about.filter(Boolean).join(' '), origin: originOf(column.derivation, table.source) };
}

const KEYS = {
  dimension: 'Its id in the source.',
  fact: 'Its id in the source, the same in all its versions.',
} as const;

const CALENDAR: Readonly<Record<CalendarPart, string>> = {
  date: 'The day itself; dates of facts refer to it.',
  year: 'Its year.',
  month: 'Its month: 1 is January, 12 December.',
  day: 'Its day of the month: 1 to 31.',
  isoDayOfWeek: 'Its day of the week, as in ISO 8601: 1 is Monday, 7 Sunday.',
  dayName: 'The name of its day of the week, in English: Monday.',
  monthName: 'The name of its month, in English: January.',
  quarter: 'Its quarter of the calendar year: 1 to 4.',
};

function originOf(derivation: Derivation, source: string): string {
  switch (derivation.kind) {
    case 'column':
      return `${source}.${derivation.column}`;
    case 'joined':
      return `${derivation.table}.${derivation.column} by ${source}.${derivation.by}`;
    case 'dateOf':
      return `the date of ${source}.${derivation.column}`;
    case 'timeOf':
      return `the time of ${source}.${derivation.column}`;
    case 'parsedDate':
      return `${source}.${derivation.column}, a text YYYY-MM-DD there`;
    case 'currencyName':
      return `the ISO 4217 name of ${source}.${derivation.column}, or the code itself`;
  }
}
