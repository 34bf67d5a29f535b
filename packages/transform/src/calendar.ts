import {
  arrowSchema,
  type CivilDate,
  columnBuilder,
  dateOf,
  daysOf,
  type Int32Builder,
  recordBatch,
  type TextBuilder,
} from '@totesys/columns';
import type { Calendar, CalendarPart } from '@totesys/schema';
import type * as arrow from 'apache-arrow';

/** The first day that Postgres knows, 4714-11-24 BC, in days since 1970-01-01: its year has no days before it. */
const FIRST_DAY = -2_440_588;
/** Years in one part: some 180,000 days. */
const PART_YEARS = 500;

const inEnglish = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en', { timeZone: 'UTC', ...options });
const dayName = inEnglish({ weekday: 'long' });
const monthName = inEnglish({ month: 'long' });
// A week and a year that anyone can check: 2024-01-01 is a Monday.
const DAY_NAMES = Array.from({ length: 7 }, (_, day) => dayName.format(Date.UTC(2024, 0, 1 + day)));
const MONTH_NAMES = Array.from({ length: 12 }, (_, month) => monthName.format(Date.UTC(2024, month, 1)));

/** The years in which dates occur, as days since 1970-01-01 are shown to it. */
export class CalendarYears {
  readonly #years = new Set<number>();
  #first = 0;
  #last = -1;

  /** Sees the dates of a column. */
  add(days: arrow.Data): void {
    const values = days.values as Int32Array;
    for (let row = 0; row < days.length; row++) {
      const day = values[row]!;
      // Dates come in runs of one year: its bounds spare most of the arithmetic.
      if ((day >= this.#first && day <= this.#last) || !days.getValid(row)) continue;
      const { year } = dateOf(day);
      this.#first = daysOf(year, 1, 1);
      this.#last = daysOf(year + 1, 1, 1) - 1;
      this.#years.add(year);
    }
  }

  /** Every day of the years seen, in order, in batches of a bounded size. */
  *batches(calendar: Calendar): Generator<arrow.RecordBatch> {
    const years = [...this.#years].sort((a, b) => a - b);
    for (let at = 0; at < years.length; at += PART_YEARS)
      yield calendarRows(calendar, years.slice(at, at + PART_YEARS));
  }
}

function calendarRows(calendar: Calendar, years: readonly number[]): arrow.RecordBatch {
  const builders = calendar.columns.map(({ type }) => columnBuilder(type));
  let length = 0;
  for (const year of years) {
    const end = daysOf(year + 1, 1, 1);
    for (let day = Math.max(daysOf(year, 1, 1), FIRST_DAY); day < end; day++) {
      const date = dateOf(day);
      calendar.columns.forEach(({ part }, i) => {
        const value = partOf(part, day, date);
        if (typeof value === 'string') (builders[i] as TextBuilder).append(value);
        else (builders[i] as Int32Builder).append(value);
      });
      length++;
    }
  }
  const children = builders.map((builder) => builder.finish());
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
