import type { Connection } from '@totesys/runtime';
import {
  type Calendar,
  type CalendarPart,
  factsOf,
  type Model,
  quoteIdentifier,
  warehouseRelation,
} from '@totesys/schema';
import { cellKind } from '../sql/cell.ts';
import type { ComparedTable } from './compared-table.ts';

/** What Postgres itself says of each part of a date: the second computation of the calendar. */
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

/** A date that cannot be counted in days has one of two keys of its own. */
const INFINITE = { after: 2_147_483_647, before: -2_147_483_648 };

/**
 * The calendar, which should be every day of each year in which any version of a fact has a date, and of nothing else but whole
 * years: a fact that never came may have brought one. Where facts equal the source, their dates are all dates that occur.
 */
export async function describeCalendar(
  warehouse: Connection,
  model: Model,
  calendar: Calendar,
): Promise<ComparedTable> {
  const years = await readYears(warehouse, model, calendar);
  const parameters = [`{${years.join(',')}}`];
  const day = `(${firstDay('y')} + n)`;
  const days = `unnest($1::integer[]) y, lateral generate_series(0, make_date(y, 12, 31) - ${firstDay('y')}) n`;
  const expectedKey = `(${day} - date '1970-01-01')`;
  const key = quoteIdentifier(calendar.key);
  const actualKey = `(case when isfinite(${key}) then ${key} - date '1970-01-01' when ${key} > date '1970-01-01' then ${INFINITE.after} else ${INFINITE.before} end)`;
  const relation = warehouseRelation(calendar.name);
  const cells = (cell: (column: Calendar['columns'][number]) => string) =>
    calendar.columns.map((column, i) => `${cell(column)} as c${i}`).join(', ');
  return {
    name: calendar.name,
    origin: undefined,
    columns: calendar.columns.map(({ name, type }) => ({ name, kind: cellKind(type) })),
    keepsRows: false,
    unreadable: new Set(),
    describeKey: describeDay,
    expected: {
      key: expectedKey,
      parameters,
      bounds: {
        text: `select min(${expectedKey})::text as first, max(${expectedKey})::text as last from ${days}`,
        parameters,
      },
      select: (where) =>
        `select ${expectedKey}::bigint as k, ${cells(({ part }) => PARTS[part](day))}, false as broken from ${days} where ${where}`,
    },
    actual: {
      key: actualKey,
      parameters: [],
      bounds: {
        text: `select min(${actualKey})::text as first, max(${actualKey})::text as last from ${relation}`,
        parameters: [],
      },
      select: (where) =>
        `select ${actualKey}::bigint as k, ${cells(({ name }) => quoteIdentifier(name))}, false as broken from ${relation} where ${where}`,
    },
  };
}

/** The first day of a year in SQL: Postgres' first one begins in November. */
export function firstDay(year: string): string {
  return `(case ${year} when -4714 then date '4714-11-24 BC' else make_date(${year}, 1, 1) end)`;
}

/** A day as differences name it, from its number since 1970. */
export function describeDay(key: number): string {
  if (key === INFINITE.after) return 'infinity';
  if (key === INFINITE.before) return '-infinity';
  const day = new Date(key * 86_400_000);
  return Number.isNaN(day.getTime()) ? `day ${key}` : day.toISOString().slice(0, -14);
}

async function readYears(warehouse: Connection, model: Model, calendar: Calendar): Promise<number[]> {
  const years = new Set<number>();
  for (const fact of factsOf(model)) {
    const dates = fact.columns.filter(({ references }) => references === calendar.name);
    if (dates.length === 0) continue;
    // Each column alone has as many values as there are days; all together may have as many as there are rows.
    const days = dates.map(
      ({ name }) => `select distinct ${quoteIdentifier(name)} as d from ${warehouseRelation(fact.name)}`,
    );
    const rows = await warehouse.unsafe(
      `select distinct extract(year from d)::integer as year from (${days.join(' union all ')}) dates where isfinite(d)`,
    );
    for (const { year } of rows) years.add(year);
  }
  const key = quoteIdentifier(calendar.key);
  const whole = await warehouse.unsafe(
    `select year from (select extract(year from ${key})::integer as year, count(*) as days
                         from ${warehouseRelation(calendar.name)} where isfinite(${key}) group by 1) present
      where days = make_date(year, 12, 31) - ${firstDay('year')} + 1`,
  );
  for (const { year } of whole) years.add(year);
  return [...years].sort((a, b) => a - b);
}
