import { type Connection, query } from '@totesys/runtime';
import type { Calendar, Model } from '@totesys/schema';
import {
  actualDays,
  expectedDays,
  INFINITE_DAYS,
  selectWholeYears,
  selectYearsOfFacts,
  type YearRow,
} from '../sql/calendar.ts';
import { cellKind, type Hashing } from '../sql/cell.ts';
import type { ComparedTable } from './compared-table.ts';

const DAY_MS = 86_400_000;

/**
 * Returns the calendar as a compared table. It should have every day of each year in which any version of a fact has a
 * date. It may have other complete years, too: a fact in quarantine may have brought them. The years come from the
 * facts of the warehouse: facts that equal the source have all of its dates.
 */
export async function describeCalendar(
  warehouse: Connection,
  model: Model,
  calendar: Calendar,
  hashing: Hashing,
): Promise<ComparedTable> {
  return {
    name: calendar.name,
    origin: undefined,
    columns: calendar.columns.map(({ name, type }) => ({ name, kind: cellKind(type) })),
    hashing,
    expected: expectedDays(calendar, await readYears(warehouse, model, calendar)),
    actual: actualDays(calendar),
    keepsRows: false,
    unreadable: new Set(),
    describeKey: describeDay,
  };
}

/** Returns a day as differences name it, from its number since 1970. */
export function describeDay(key: number): string {
  if (key === INFINITE_DAYS.after) return 'infinity';
  if (key === INFINITE_DAYS.before) return '-infinity';
  const day = new Date(key * DAY_MS);
  return Number.isNaN(day.getTime()) ? `day ${key}` : day.toISOString().slice(0, -14);
}

/** Returns the year of a day since 1970 as Postgres counts years, without a year 0; undefined for an infinite day. */
export function yearOf(key: number): number | undefined {
  const year = new Date(key * DAY_MS).getUTCFullYear();
  if (Number.isNaN(year)) return undefined;
  return year > 0 ? year : year - 1;
}

async function readYears(warehouse: Connection, model: Model, calendar: Calendar): Promise<number[]> {
  const years = new Set<number>();
  for (const statement of [...selectYearsOfFacts(model, calendar), selectWholeYears(calendar)]) {
    for (const { year } of await query<YearRow>(warehouse, statement)) years.add(year);
  }
  return [...years].sort((a, b) => a - b);
}
