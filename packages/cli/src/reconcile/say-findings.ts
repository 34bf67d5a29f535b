import { drawTable } from '../draw-table.ts';
import type { HistoryFault } from './check-history.ts';
import type { Difference } from './difference.ts';
import type { Findings } from './findings.ts';
import type { LakeFault } from './lake-fault.ts';

/** How many differences of one sort a person is shown; --json names more. */
export const MOST_SHOWN = 50;
const COLUMNS = ['expected', 'actual', 'missing', 'extra', 'differs', 'unread', 'quarantined', 'held', 'kept'] as const;

/** The counts of all tables, as a table. */
export function drawCounts(findings: Findings): string {
  return drawTable(
    ['table', ...COLUMNS],
    [...findings.counts].map(([table, counts]) => [table, ...COLUMNS.map((column) => counts[column])]),
  );
}

/** A line for each difference, and how many more there are. */
export function sayDifferences(differences: readonly Difference[], total: number, isShown: boolean): string[] {
  return shorten(differences, total, (difference) => sayDifference(difference, isShown));
}

/** A line for each fault of the history. */
export function sayHistory(faults: readonly HistoryFault[], total: number): string[] {
  return shorten(faults, total, ({ table, id, fault }) => `${table}${id === null ? '' : ` ${id}`}: ${fault}`);
}

/** A line for each fault of the lakes. */
export function sayLake(faults: readonly LakeFault[], total: number): string[] {
  return shorten(faults, total, ({ place, batch, fault }) => `${place}, batch ${batch}: ${fault}`);
}

function sayDifference({ table, id, kind, values }: Difference, isShown: boolean): string {
  if (!values) return `${table} ${id}: ${kind}`;
  const say = (value: string | null) =>
    value === null ? 'null' : isShown ? JSON.stringify(value) : `sha256 ${value}…`;
  const columns = Object.entries(values).map(
    ([column, { expected, got }]) => `${column} (expected ${say(expected)}, got ${say(got)})`,
  );
  return `${table} ${id}: ${kind} in ${columns.join(', ')}`;
}

function shorten<T>(items: readonly T[], total: number, say: (item: T) => string): string[] {
  const lines = items.slice(0, MOST_SHOWN).map(say);
  return total > lines.length ? [...lines, `… and ${(total - lines.length).toLocaleString('en')} more`] : lines;
}
