import type { Coverage } from '@totesys/lake';
import type { RowSelection } from '../sql/row-selection.ts';

/** Returns the highest key that is covered. */
export function coveredThrough(coverage: Coverage): number {
  if (coverage === 'none') return Number.NEGATIVE_INFINITY;
  return coverage === 'full' ? Number.POSITIVE_INFINITY : coverage.through;
}

/** Selects the covered rows of a table of which some are covered. */
export function selectCovered(coverage: Coverage): RowSelection {
  return typeof coverage === 'object' ? { through: coverage.through } : {};
}
