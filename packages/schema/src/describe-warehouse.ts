import type { DescribedColumn, DescribedRelation } from './described-relation.ts';
import { historyName, UNTIL_BATCH } from './dimension-history.ts';
import { etlTables } from './etl-tables.ts';
import { factsOf, latestTablesOf, type Model } from './model.ts';
import { currentView } from './warehouse-ddl.ts';
import type {
  Calendar,
  CalendarPart,
  Derivation,
  Fact,
  LatestTable,
  WarehouseColumn,
  WarehouseTable,
} from './warehouse-table.ts';

/** Describes all that an analyst may read in the warehouse: the star schema, its views and the schema `etl`. */
export function describeWarehouse(model: Model): DescribedRelation[] {
  return [
    ...model.warehouse.map(describeTable),
    ...factsOf(model).flatMap(describeViews),
    ...etlTables,
    ...latestTablesOf(model).map(describeHistory),
  ];
}

/** Describes a table of the star schema. */
export function describeTable(table: WarehouseTable): DescribedRelation {
  const { name } = table;
  return { schema: 'public', name, about: aboutTable(table), columns: describeColumns(table) };
}

/** Describes the views of a fact: its current state, and its second name if it has one. */
export function describeViews(fact: Fact): DescribedRelation[] {
  const columns = describeColumns(fact);
  const about =
    `The latest version of each ${fact.key} in ${fact.name} that is not deleted in the source: ` +
    'one row for each id. Start here.';
  const current = { schema: 'public', name: currentView(fact), about, columns };
  if (fact.alias === undefined) return [current];
  const alias =
    `${fact.name} under its second name: the same rows, every version. ` +
    `The current versions are in ${current.name}.`;
  return [current, { schema: 'public', name: fact.alias, about: alias, columns }];
}

/** Describes the history of a dimension. */
export function describeHistory(table: LatestTable): DescribedRelation {
  const about =
    `The replaced states of the rows of ${table.name}: the values that a row had until a batch replaced them. ` +
    `A state that was never replaced is in ${table.name}.`;
  const until = {
    name: UNTIL_BATCH,
    about: 'The batch that replaced the state: the row had it as of the batch before.',
  };
  return { schema: 'etl', name: historyName(table), about, columns: [...describeColumns(table), until] };
}

function aboutTable(table: WarehouseTable): string {
  switch (table.kind) {
    case 'calendar':
      return 'The calendar: every day of each year in which any date of a fact lies.';
    case 'dimension':
      return (
        `One row for each row of the source's ${table.source}, with its latest values. ` +
        'Rows are never deleted, because facts refer to them.'
      );
    case 'fact':
      return (
        `Every version of each row of the source's ${table.source}: a row that changes there adds a row here, ` +
        `and deleted rows stay. The current state is in ${currentView(table)}.`
      );
  }
}

function describeColumns(table: WarehouseTable): DescribedColumn[] {
  if (table.kind === 'calendar') return table.columns.map(({ name, part }) => ({ name, about: CALENDAR[part] }));
  const columns = table.columns.map((column) => describeColumn(table, column));
  if (table.kind === 'dimension') return columns;
  const about =
    'Numbers the versions in the order in which they were loaded: ' +
    `the highest number of a ${table.key} is its latest version. Gaps have no meaning.`;
  return [{ name: table.recordId, about }, ...columns];
}

function describeColumn(table: Exclude<WarehouseTable, Calendar>, column: WarehouseColumn): DescribedColumn {
  const { name, references, placeholder, nullable, personal } = column;
  const about = [
    column.about ?? (name === table.key ? KEYS[table.kind] : undefined),
    references !== undefined && `Refers to ${references}.`,
    placeholder !== undefined && `'${placeholder}' if the source has none.`,
    nullable && 'Null if the source has none.',
    personal && 'Personal data: masked in the schema masked.',
  ];
  return { name, about: about.filter(Boolean).join(' '), origin: originOf(column.derivation, table.source) };
}

const KEYS = {
  dimension: 'Its id in the source.',
  fact: 'Its id in the source, the same in all its versions.',
} as const;

const CALENDAR: Readonly<Record<CalendarPart, string>> = {
  date: 'The day; dates of facts refer to it.',
  year: 'Its year.',
  month: 'Its month: 1 is January, 12 is December.',
  day: 'Its day of the month: 1 to 31.',
  isoDayOfWeek: 'Its day of the week by ISO 8601: 1 is Monday, 7 is Sunday.',
  dayName: 'The English name of its day of the week: Monday.',
  monthName: 'The English name of its month: January.',
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
