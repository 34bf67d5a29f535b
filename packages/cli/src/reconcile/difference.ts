/** One way in which the warehouse is not what the source says: a key, and what is wrong with it. */
export interface Difference {
  readonly table: string;
  readonly id: number | string;
  readonly kind: 'missing' | 'extra' | 'differs';
  /** The columns that differ; their values are not shown, for they may be personal. */
  readonly columns?: readonly string[];
}

/** What became of one table. */
export interface TableComparison {
  readonly table: string;
  readonly expected: number;
  readonly actual: number;
  readonly missing: number;
  readonly extra: number;
  readonly differs: number;
  /** Rows of the source that break the contract, and rows that wait in `etl.held`: not counted as differences. */
  readonly quarantined: number;
  readonly held: number;
}
