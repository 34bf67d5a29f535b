import type { Coverage } from '@totesys/lake';
import type { SourceTable } from '@totesys/schema';
import type { RowSelection } from '../sql/row-selection.ts';
import type { RowCounts } from './distinct-keys.ts';

/** Returns the highest key that is covered. */
export function coveredThrough(coverage: Coverage): number {
  if (coverage === 'none') return Number.NEGATIVE_INFINITY;
  return coverage === 'full' ? Number.POSITIVE_INFINITY : coverage.through;
}

/** Selects the covered rows of a table of which some are covered. */
export function selectCovered(coverage: Coverage): RowSelection {
  return typeof coverage === 'object' ? { through: coverage.through } : {};
}

/** Selects the rows in the fence's window among the covered ones, by their keys where a count has listed them. */
export function selectInWindow(
  table: SourceTable,
  coverage: Coverage,
  { keysInWindow: keys }: Pick<RowCounts, 'keysInWindow'>,
): RowSelection {
  return { inWindow: true, ...selectCovered(coverage), ...(keys && { keysIn: { column: table.key, keys } }) };
}
