/** Rows gathered before the older ones are dropped, so that the cost of sorting is shared by many rows. */
const MAX_GATHERED = 1_000;

/** A row with the transaction that wrote it. */
export interface WrittenRow {
  readonly key: number;
  readonly id: number;
}

/**
 * Keeps rows of the newest transactions as rows are added; of a large transaction it keeps rows spread over all that
 * the transaction wrote.
 */
export class NewestRows {
  readonly #most: number;
  readonly #log: Float64Array;
  #used = 0;
  #floor = Number.NEGATIVE_INFINITY;
  #ties = 0;

  constructor(most: number) {
    this.#most = most;
    this.#log = new Float64Array(2 * (most + MAX_GATHERED));
  }

  /** Adds a row. */
  add(id: number, key: number): void {
    if (id < this.#floor || (id === this.#floor && !this.isSpread())) return;
    if (this.#used === this.#log.length) {
      const kept = this.rows();
      this.#used = 0;
      for (const row of kept) this.append(row.id, row.key);
      this.#floor = kept.at(-1)!.id;
    }
    this.append(id, key);
  }

  /** Returns the rows, those of the newest transaction first. */
  rows(): WrittenRow[] {
    const rows: WrittenRow[] = [];
    for (let at = 0; at < this.#used; at += 2) rows.push({ id: this.#log[at]!, key: this.#log[at + 1]! });
    rows.sort((a, b) => b.id - a.id);
    const last = rows[this.#most - 1];
    if (!last) return rows;
    const newer = rows.filter(({ id }) => id > last.id);
    const ties = rows.filter(({ id }) => id === last.id);
    const wanted = this.#most - newer.length;
    return [...newer, ...Array.from({ length: wanted }, (_, i) => ties[Math.floor((i * ties.length) / wanted)]!)];
  }

  private append(id: number, key: number): void {
    this.#log[this.#used++] = id;
    this.#log[this.#used++] = key;
  }

  // Of many rows of one transaction the 1st, 2nd, 4th, 8th … are enough.
  private isSpread(): boolean {
    this.#ties++;
    return (this.#ties & (this.#ties - 1)) === 0;
  }
}
