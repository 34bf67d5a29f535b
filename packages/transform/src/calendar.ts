import {
  arrowSchema,
  type CivilDate,
  columnBuilder,
  dateOf,
  daysOf,
  FIRST_DAY,
  Int32Builder,
  recordBatch,
  TextBuilder,
} from '@totesys/columns';
import type { Calendar, CalendarPart } from '@totesys/schema';
import type * as arrow from 'apache-arrow';

/** Years in one part: about 180,000 days. */
const PART_YEARS = 500;

const inEnglish = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en', { timeZone: 'UTC', ...options });
const dayName = inEnglish({ weekday: 'long' });
const monthName = inEnglish({ month: 'long' });
// 2024-01-01 is a Monday.
const DAY_NAMES = Array.from({ length: 7 }, (_, day) => dayName.format(Date.UTC(2024, 0, 1 + day)));
const MONTH_NAMES = Array.from({ length: 12 }, (_, month) => monthName.format(Date.UTC(2024, month, 1)));

/** The years in which dates occur. */
export class CalendarYears {
  readonly #years = new Set<number>();
  #first = 0;
  #last = -1;

  /** Adds the years of a column of dates. */
  add(days: arrow.Data): void {
    const values: Int32Array = days.values;
    for (let row = 0; row < days.length; row++) {
      const day = values[row]!;
      // Most dates are of the same year as the one before: a comparison with its bounds saves most of the arithmetic.
      if ((day >= this.#first && day <= this.#last) || !days.getValid(row)) continue;
      const { year } = dateOf(day);
      this.#first = daysOf(year, 1, 1);
      this.#last = daysOf(year + 1, 1, 1) - 1;
      this.#years.add(year);
    }
  }

  /** Yields every day of the years, in order, in record batches of a bounded size. */
  *recordBatches(calendar: Calendar): Generator<arrow.RecordBatch> {
    const years = [...this.#years].sort((a, b) => a - b);
    for (let at = 0; at < years.length; at += PART_YEARS)
      yield calendarRows(calendar, years.slice(at, at + PART_YEARS));
  }
}

function calendarRows(calendar: Calendar, years: readonly number[]): arrow.RecordBatch {
  const columns = calendar.columns.map(({ part, type }) => ({ part, builder: columnBuilder(type) }));
  let length = 0;
  for (const year of years) {
    const end = daysOf(year + 1, 1, 1);
    // Postgres' calendar begins within its first year, 4714 BC, on 24 November.
    for (let day = Math.max(daysOf(year, 1, 1), FIRST_DAY); day < end; day++) {
      const date = dateOf(day);
      for (const { part, builder } of columns) {
        const value = partOf(part, day, date);
        if (builder instanceof TextBuilder) builder.append(String(value));
        else if (builder instanceof Int32Builder) builder.append(Number(value));
      }
      length++;
    }
  }
  const children = columns.map(({ builder }) => builder.finish());
  return recordBatch(arrowSchema(calendar.columns), children, length);
}

function partOf(part: CalendarPart, day: number, { year, month, day: dayOfMonth }: CivilDate): number | string {
  // 1970-01-01 was a Thursday.
  const weekday = (((day + 3) % 7) + 7) % 7;
  switch (part) {
    case 'date':
      return day;
    case 'year':
      // As Postgres counts: 1 BC is the year −1.
      return year > 0 ? year : year - 1;
    case 'month':
      return month;
    case 'day':
      return dayOfMonth;
    case 'isoDayOfWeek':
      return weekday + 1;
    case 'dayName':
      return DAY_NAMES[weekday]!;
    case 'monthName':
      return MONTH_NAMES[month - 1]!;
    case 'quarter':
      return Math.ceil(month / 3);
  }
}
