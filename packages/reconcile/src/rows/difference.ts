/** How a row differs: the warehouse lacks it, has it though the source does not, or has other values. */
export type DifferenceKind = 'missing' | 'extra' | 'differs';

/** The expected and the actual value of a column, as text or as the SHA-256 of that text; null for null. */
export interface ColumnDifference {
  readonly expected: string | null;
  readonly got: string | null;
}

/** A row that differs between the source and the warehouse. */
export interface Difference {
  readonly table: string;
  readonly id: number | string;
  readonly kind: DifferenceKind;
  readonly columns?: readonly string[] | undefined;
  readonly values?: Readonly<Record<string, ColumnDifference>>;
}

/**
 * Why a row that differs does not count as a difference: it breaks the contract, waits for a dimension row, or is kept
 * after the source deleted it.
 */
export type Excuse = 'quarantined' | 'held' | 'kept';

/** A row that differs for a reason. */
export interface ExcusedRow {
  readonly table: string;
  readonly id: number | string;
  readonly excuse: Excuse;
}

/** Rows of one table: how many each side has, and how many differ in each way. */
export interface TableCounts {
  expected: number;
  actual: number;
  missing: number;
  extra: number;
  differs: number;
  /** Rows that differ because their current version has not been read or not been loaded. */
  unread: number;
  /** Rows of the source that break the contract. */
  quarantined: number;
  /** Facts in `etl.held`. */
  held: number;
  /** Rows of a dimension that the source has deleted. */
  kept: number;
}

/** Returns counts that are all 0. */
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
