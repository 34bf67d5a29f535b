import { type Calendar, factsOf, findSourceTable, type Model, quoteIdentifier } from '@totesys/schema';
import type { Sides } from './compare-table.ts';
import type { Difference, TableComparison } from './difference.ts';

/** What Postgres itself says of each part of a date: the second computation of the calendar. */
const PARTS = {
  date: (day: string) => day,
  year: (day: string) => `extract(year from ${day})::int`,
  month: (day: string) => `extract(month from ${day})::int`,
  day: (day: string) => `extract(day from ${day})::int`,
  isoDayOfWeek: (day: string) => `extract(isodow from ${day})::int`,
  dayName: (day: string) => `to_char(${day}, 'FMDay')`,
  monthName: (day: string) => `to_char(${day}, 'FMMonth')`,
  quarter: (day: string) => `extract(quarter from ${day})::int`,
};

/** Compares the calendar: every date that the warehouse's facts may show is there, and every row says what its date is. */
export async function compareCalendar(
  model: Model,
  calendar: Calendar,
  { source, warehouse }: Sides,
  report: (difference: Difference) => void,
): Promise<TableComparison> {
  const key = quoteIdentifier(calendar.key);
  const relation = `public.${quoteIdentifier(calendar.name)}`;
  const rows = await warehouse.unsafe(`select ${key}::text as day from ${relation}`);
  const present = new Set(rows.map(({ day }) => String(day)));
  const needed = await readNeededDates(model, calendar, source);
  const missing = [...needed].filter((day) => !present.has(day)).sort();
  for (const day of missing) report({ table: calendar.name, id: day, kind: 'missing' });

  const wrong = calendar.columns.map(
    ({ name, part }) => `${quoteIdentifier(name)} is distinct from ${PARTS[part](key)} as ${quoteIdentifier(name)}`,
  );
  const checked = await warehouse.unsafe(
    `select * from (select ${key}::text as "#day", ${wrong.join(', ')} from ${relation}) c where true in (${calendar.columns
      .map(({ name }) => `c.${quoteIdentifier(name)}`)
      .join(', ')})`,
  );
  for (const { '#day': day, ...columns } of checked) {
    const differing = Object.keys(columns).filter((name) => columns[name] === true);
    report({ table: calendar.name, id: String(day), kind: 'differs', columns: differing });
  }
  const counts = { expected: needed.size, actual: present.size, missing: missing.length, differs: checked.length };
  return { table: calendar.name, ...counts, extra: 0, quarantined: 0, held: 0 };
}

// As many as there are days in which something happened: few, whatever the tables' size.
async function readNeededDates(model: Model, calendar: Calendar, source: Sides['source']): Promise<Set<string>> {
  const needed = new Set<string>();
  for (const fact of factsOf(model)) {
    const table = findSourceTable(model, fact.source);
    for (const { derivation, references } of fact.columns) {
      if (references !== calendar.name || !('column' in derivation)) continue;
      const column = quoteIdentifier(derivation.column);
      const day = derivation.kind === 'dateOf' ? `${column}::date::text` : column;
      // Texts that are no date are not asked for: their rows are in quarantine.
      const rows = await source.unsafe(
        `select distinct ${day} as day from public.${quoteIdentifier(table.name)} where ${column} is not null`,
      );
      for (const { day: text } of rows) if (isDay(String(text))) needed.add(String(text));
    }
  }
  return needed;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
