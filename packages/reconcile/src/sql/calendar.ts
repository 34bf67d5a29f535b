import type { Statement } from '@totesys/runtime';
import {
  type Calendar,
  type CalendarPart,
  currentView,
  type Fact,
  factsOf,
  type Model,
  quoteIdentifier,
  warehouseRelation,
} from '@totesys/schema';
import { arrayOfKeys, type SideRows } from './side-rows.ts';

/** Keys of the dates `infinity` and `-infinity`, which have no number of days since 1970. */
export const INFINITE_DAYS = { after: 2_147_483_647, before: -2_147_483_648 } as const;

/** How Postgres computes each part of a date: the second computation of the calendar. */
const PARTS: Readonly<Record<CalendarPart, (day: string) => string>> = {
  date: (day) => day,
  year: (day) => `extract(year from ${day})::integer`,
  month: (day) => `extract(month from ${day})::integer`,
  day: (day) => `extract(day from ${day})::integer`,
  isoDayOfWeek: (day) => `extract(isodow from ${day})::integer`,
  dayName: (day) => `to_char(${day}, 'FMDay')`,
  monthName: (day) => `to_char(${day}, 'FMMonth')`,
  quarter: (day) => `extract(quarter from ${day})::integer`,
};

/** Returns every day of the given years; the key is the number of days since 1970. */
export function expectedDays(calendar: Calendar, years: readonly number[]): SideRows {
  const parameters = [arrayOfKeys(years)];
  const first = firstDay('y');
  const day = `(${first} + n)`;
  const days = `unnest($1::integer[]) y, lateral generate_series(0, make_date(y, 12, 31) - ${first}) n`;
  const key = `(${day} - date '1970-01-01')`;
  const cells = calendar.columns.map(({ part }, i) => `${PARTS[part](day)} as c${i}`).join(', ');
  return {
    key,
    parameters,
    bounds: { text: `select min(${key})::text as first, max(${key})::text as last from ${days}`, parameters },
    select: (where) => `select ${key}::bigint as k, ${cells}, false as broken from ${days} where ${where}`,
  };
}

/** Returns the days that the calendar of the warehouse has. */
export function actualDays(calendar: Calendar): SideRows {
  const { after, before } = INFINITE_DAYS;
  const day = quoteIdentifier(calendar.key);
  const key = `(case when isfinite(${day}) then ${day} - date '1970-01-01'
    when ${day} > date '1970-01-01' then ${after} else ${before} end)`;
  const relation = warehouseRelation(calendar.name);
  const cells = calendar.columns.map(({ name }, i) => `${quoteIdentifier(name)} as c${i}`).join(', ');
  return {
    key,
    parameters: [],
    bounds: { text: `select min(${key})::text as first, max(${key})::text as last from ${relation}` },
    select: (where) => `select ${key}::bigint as k, ${cells}, false as broken from ${relation} where ${where}`,
  };
}

/** A year of the calendar, as Postgres counts years: there is no year 0. */
export interface YearRow {
  readonly year: number;
}

/** For each fact that refers to the calendar: selects the years in which any version of it has a date. */
export function selectYearsOfFacts(model: Model, calendar: Calendar): Statement[] {
  return factsOf(model)
    .filter((fact) => datesOf(fact, calendar).length > 0)
    .map((fact) => {
      // `distinct` for each column leaves at most one value for each day; the union alone would have one for each row.
      const days = datesOf(fact, calendar).map(
        (name) => `select distinct ${quoteIdentifier(name)} as d from ${warehouseRelation(fact.name)}`,
      );
      const union = days.join(' union all ');
      return {
        text: `select distinct extract(year from d)::integer as year from (${union}) dates where isfinite(d)`,
      };
    });
}

/** Selects the years of which the calendar has every day. */
export function selectWholeYears(calendar: Calendar): Statement {
  const key = quoteIdentifier(calendar.key);
  return {
    text: `
select year
  from (select extract(year from ${key})::integer as year, count(*) as days
          from ${warehouseRelation(calendar.name)} where isfinite(${key}) group by 1) present
 where days = make_date(year, 12, 31) - ${firstDay('year')} + 1`,
  };
}

/** Key of a row. */
export interface KeyRow {
  readonly key: string;
}

/**
 * Selects one current row of a fact with a date in the year; undefined for a fact that does not refer to the calendar.
 */
export function selectRowOfYear(fact: Fact, calendar: Calendar, year: number): Statement | undefined {
  const first = firstDay('$1::integer');
  const within = datesOf(fact, calendar).map(
    (name) => `${quoteIdentifier(name)} between ${first} and make_date($1::integer, 12, 31)`,
  );
  if (within.length === 0) return undefined;
  return {
    text: `
select ${quoteIdentifier(fact.key)}::text as key
  from ${warehouseRelation(currentView(fact))} where ${within.join(' or ')} limit 1`,
    parameters: [year],
  };
}

function datesOf(fact: Fact, calendar: Calendar): string[] {
  return fact.columns.filter(({ references }) => references === calendar.name).map(({ name }) => name);
}

// The first year of Postgres' calendar begins in November.
function firstDay(year: string): string {
  return `(case ${year} when -4714 then date '4714-11-24 BC' else make_date(${year}, 1, 1) end)`;
}
