/** How a row differs: the warehouse lacks it, has it though the source does not, or shows it otherwise. */
export type DifferenceKind = 'missing' | 'extra' | 'differs';

/** What a column should show and what it does, as SHA-256 or, where they may be shown, as values; null for null. */
export interface ColumnDifference {
  readonly expected: string | null;
  readonly got: string | null;
}

/** One way in which the warehouse is not what the source says: a key, and what is wrong with it. */
export interface Difference {
  readonly table: string;
  readonly id: number | string;
  readonly kind: DifferenceKind;
  readonly columns?: readonly string[];
  readonly values?: Readonly<Record<string, ColumnDifference>>;
}

/** Why a row that differs is no difference: it breaks the contract, waits for a dimension, or is kept though the source has it no longer. */
export type Excuse = 'quarantined' | 'held' | 'kept';

/** A row that differs for a reason. */
export interface ExcusedRow {
  readonly table: string;
  readonly id: number | string;
  readonly excuse: Excuse;
}

/** What became of one table. `kept` rows are those of a dimension that the source no longer has. */
export interface TableCounts {
  expected: number;
  actual: number;
  missing: number;
  extra: number;
  differs: number;
  /** Rows that differ because what they are now has not been read, or not been loaded. */
  unread: number;
  /** Rows of the source that break the contract, and rows that wait in `etl.held`: not counted as differences. */
  quarantined: number;
  held: number;
  kept: number;
}

/** Counts of nothing yet. */
export const noCounts = (): TableCounts => ({
  expected: 0,
  actual: 0,
  missing: 0,
  extra: 0,
  differs: 0,
  unread: 0,
  quarantined: 0,
  held: 0,
  kept: 0,
});
