/** How much one run may read. */
export interface RunLimits {
  /** Rows that a batch may hold; a batch may exceed it by one chunk. */
  readonly batchRows: number;
  /**
   * Rows read for the first time after which the run covers no further table, so that they can load while the next run
   * reads on. It never divides a table, because load is fastest if a table arrives in one batch. Absent: no limit.
   */
  readonly coveringRows?: number;
  /** The time, in milliseconds since 1970, after which a run begins no further chunk. */
  readonly deadlineMs: number;
}

/** Rows of a chunk at most: a run checks its budget after each chunk. */
const CHUNK_ROWS = 500_000;

/**
 * The rows and the time that a run may still use. The first chunk is always granted, so that every run makes
 * progress.
 */
export class Budget {
  #rowsLeft: number;
  #rowsCovered = 0;
  #begun = false;
  readonly #chunkRows: number;
  readonly #deadlineMs: number;
  readonly #coveringRows: number;
  readonly #now: () => number;

  /** The deadline is a time by `now`, in milliseconds since 1970. */
  constructor(limits: RunLimits, now: () => number = Date.now) {
    const { batchRows, coveringRows = Number.POSITIVE_INFINITY, deadlineMs } = limits;
    this.#rowsLeft = batchRows;
    this.#coveringRows = coveringRows;
    this.#chunkRows = Math.max(1, Math.min(CHUNK_ROWS, batchRows));
    this.#deadlineMs = deadlineMs;
    this.#now = now;
  }

  /** Whether the run reads no further chunk. */
  get isSpent(): boolean {
    return this.#begun && (this.#rowsLeft <= 0 || this.#now() >= this.#deadlineMs);
  }

  /**
   * How many rows a chunk may have. The number does not shrink with the budget, so that a small window never costs
   * tables their coverage.
   */
  get chunkRows(): number {
    return this.#chunkRows;
  }

  /** Whether the run covers no further table. */
  get endsCovering(): boolean {
    return this.isSpent || this.#rowsCovered >= this.#coveringRows;
  }

  /** Subtracts carried rows from the budget. */
  take(rows: number): void {
    this.#begun = true;
    this.#rowsLeft -= rows;
  }

  /** Counts rows read for the first time. Changes do not count, so that each run covers at least one table. */
  cover(rows: number): void {
    this.#rowsCovered += rows;
  }
}
