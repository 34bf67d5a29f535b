import { KeySetBuilder } from '@totesys/lake';
import type { Difference, Findings, HistoryFault, LakeFault } from '@totesys/reconcile';
import { describeKeys } from '../format/describe-keys.ts';
import { drawTable } from '../terminal/draw-table.ts';

/** How many differences of one sort a person is shown; --json names more. */
const MOST_SHOWN = 50;
/** Ranges of keys that a line names. */
const MOST_RANGES = 20;
const COLUMNS = ['expected', 'actual', 'missing', 'extra', 'differs'] as const;
/** What has a column only where some table has any: rows that differ for a reason. */
const REASONS = ['unread', 'quarantined', 'held', 'kept'] as const;

/** The counts of all tables, as a table. */
export function drawCounts(findings: Findings): string {
  const shown = [...COLUMNS, ...REASONS.filter((reason) => findings.total((counts) => counts[reason]) > 0)];
  return drawTable(
    ['table', ...shown],
    [...findings.counts].map(([table, counts]) => [table, ...shown.map((column) => counts[column])]),
  );
}

/** A line for each table and reason for which rows of it differ and are none the worse: the keys that are known by name. */
export function sayExcused(findings: Findings): string[] {
  const groups = new Map<string, KeySetBuilder>();
  for (const { table, id, excuse } of findings.excused) {
    const name = `${excuse}: ${table}`;
    const keys = groups.get(name) ?? new KeySetBuilder();
    groups.set(name, keys);
    keys.add(Number(id));
  }
  const lines = [...groups].map(([name, keys]) => `${name} ${describeKeys(keys.build(), MOST_RANGES)}`);
  const unnamed = findings.total(({ quarantined, held }) => quarantined + held) - findings.excused.length;
  return unnamed > 0 ? [...lines, `… and ${unnamed.toLocaleString('en')} more`] : lines;
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
