/** Rows of a chunk at most: a run checks its budget after each chunk. */
const CHUNK_ROWS = 500_000;

/**
 * The rows and the time that a run may still use. The first chunk is always granted, so that every run makes
 * progress.
 */
export class Budget {
  #rowsLeft: number;
  #begun = false;
  readonly #chunkRows: number;
  readonly #deadlineMs: number;
  readonly #now: () => number;

  /** `deadlineMs` is a time by `now`, in milliseconds since 1970. */
  constructor(rows: number, deadlineMs: number, now: () => number = Date.now) {
    this.#rowsLeft = rows;
    this.#chunkRows = Math.max(1, Math.min(CHUNK_ROWS, rows));
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

  /** Subtracts carried rows from the budget. */
  take(rows: number): void {
    this.#begun = true;
    this.#rowsLeft -= rows;
  }
}
