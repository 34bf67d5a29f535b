/** Rows that a chunk holds at most: what a run reads between two looks at its budget. */
const CHUNK_ROWS = 500_000;

/** What a run may still read: rows, and time. The first chunk is always granted, so that every run gets somewhere. */
export class Budget {
  #rowsLeft: number;
  #begun = false;
  readonly #chunkRows: number;
  readonly #deadlineMs: number;
  readonly #now: () => number;

  /** `deadlineMs` is a moment of `now`, in milliseconds since 1970. */
  constructor(rows: number, deadlineMs: number, now: () => number = Date.now) {
    this.#rowsLeft = rows;
    this.#chunkRows = Math.max(1, Math.min(CHUNK_ROWS, rows));
    this.#deadlineMs = deadlineMs;
    this.#now = now;
  }

  /** Whether nothing more should be read. */
  get isSpent(): boolean {
    return this.#begun && (this.#rowsLeft <= 0 || this.#now() >= this.#deadlineMs);
  }

  /** How many rows a chunk may have. It may overrun what is left: a small window never makes tables fall back. */
  get chunkRows(): number {
    return this.#chunkRows;
  }

  /** Takes rows that were carried off the budget. */
  take(rows: number): void {
    this.#begun = true;
    this.#rowsLeft -= rows;
  }
}
