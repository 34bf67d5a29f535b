import { KeySetBuilder } from '@totesys/lake';
import type { Difference, Findings, HistoryFault, LakeFault } from '@totesys/reconcile';
import { countOf } from '../format/count-of.ts';
import { describeKeys } from '../format/describe-keys.ts';
import { drawTable } from '../terminal/draw-table.ts';

/** How many differences of one kind are printed; --json has more. */
const MOST_SHOWN = 50;
/** The most ranges of keys that a line names. */
const MOST_RANGES = 20;
const COLUMNS = ['expected', 'actual', 'missing', 'extra', 'differs'] as const;
/** Counts of rows that differ for a reason: each is a column only where some table has such rows. */
const REASONS = ['unread', 'quarantined', 'held', 'kept'] as const;

/** Returns the counts of all tables, drawn as a table. */
export function drawCounts(findings: Findings): string {
  const shown = [...COLUMNS, ...REASONS.filter((reason) => findings.total((counts) => counts[reason]) > 0)];
  return drawTable(
    ['table', ...shown],
    [...findings.counts].map(([table, counts]) => [table, ...shown.map((column) => counts[column])]),
  );
}

/** Returns a line for each reason and table with the keys that are in quarantine or held. */
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

/** Returns a line for each difference, and one with the number of further differences. */
export function sayDifferences(differences: readonly Difference[], total: number, showValues: boolean): string[] {
  return shorten(differences, total, (difference) => sayDifference(difference, showValues));
}

/** Returns a line for each fault of the history. */
export function sayHistory(faults: readonly HistoryFault[], total: number): string[] {
  return shorten(faults, total, ({ table, id, fault }) => `${table}${id === null ? '' : ` ${id}`}: ${fault}`);
}

/** Returns a line for each fault of the lakes. */
export function sayLake(faults: readonly LakeFault[], total: number): string[] {
  return shorten(faults, total, ({ place, batch, fault }) => `${place}, batch ${batch}: ${fault}`);
}

/** Returns the conclusion of the comparison; `batch` is the newest that was loaded, 0 for none. */
export function sayVerdict(findings: Findings, batch: number): string {
  const unread = findings.total((counts) => counts.unread);
  if (findings.differing > 0) return `The warehouse differs from the source: ${countOf(findings.differing, 'row')}.`;
  const until = batch === 0 ? 'nothing has been loaded' : `batch ${batch}`;
  if (findings.unsettled > 0) {
    const changed = `${countOf(unread, 'row')} changed since and no batch has brought them`;
    return `No row that has been read differs (${until}), but ${changed}.`;
  }
  if (unread > 0)
    return `The warehouse equals the source, except for ${countOf(unread, 'row')} that changed again meanwhile.`;
  return 'The warehouse equals the source.';
}

function sayDifference({ table, id, kind, values }: Difference, showValues: boolean): string {
  if (!values) return `${table} ${id}: ${kind}`;
  const say = (value: string | null) =>
    value === null ? 'null' : showValues ? JSON.stringify(value) : `sha256 ${value}…`;
  const columns = Object.entries(values).map(
    ([column, { expected, got }]) => `${column} (expected ${say(expected)}, got ${say(got)})`,
  );
  return `${table} ${id}: ${kind} in ${columns.join(', ')}`;
}

function shorten<T>(items: readonly T[], total: number, say: (item: T) => string): string[] {
  const lines = items.slice(0, MOST_SHOWN).map(say);
  return total > lines.length ? [...lines, `… and ${(total - lines.length).toLocaleString('en')} more`] : lines;
}
