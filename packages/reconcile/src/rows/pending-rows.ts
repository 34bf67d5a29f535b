import type { Difference } from './difference.ts';

/** The most rows that are followed until a batch carries them: some tens of megabytes. */
const MOST_FOLLOWED = 20_000;
/** How many of these are named column by column. */
const MOST_NAMED = 1_000;

/** A row that differs and may be unread, in the version that the source has. */
export interface PendingRow {
  readonly key: number;
  readonly difference: Difference;
  /** The name of the version, and the source's clock when the comparison first saw it. */
  readonly version: string;
  readonly clock: string;
  /** The source's clock when the comparison first saw the row differ. */
  readonly firstClock: string;
  /** True once a batch that began after `firstClock` was loaded and the row changed again. */
  readonly hasMoved: boolean;
}

/** The rows that differ and that later batches may still bring. */
export class PendingRows {
  readonly #tables = new Map<string, Map<number, PendingRow>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many more rows can be named with their columns. */
  get room(): number {
    return Math.max(0, MOST_NAMED - this.#size);
  }

  /** Whether a later batch can still settle some of the rows. */
  get isWaitedFor(): boolean {
    for (const { hasMoved } of this.all()) if (!hasMoved) return true;
    return false;
  }

  /** Returns the rows of one table, by key. */
  of(table: string): ReadonlyMap<number, PendingRow> {
    return this.#tables.get(table) ?? new Map();
  }

  /** Returns all rows. */
  *all(): Generator<PendingRow> {
    for (const rows of this.#tables.values()) yield* rows.values();
  }

  /** Follows a row in place of the one followed for its key. Returns false if too many rows are followed already. */
  set(row: PendingRow): boolean {
    const { table } = row.difference;
    const rows = this.#tables.get(table) ?? new Map<number, PendingRow>();
    if (!rows.has(row.key)) {
      if (this.#size >= MOST_FOLLOWED) return false;
      this.#size++;
    }
    rows.set(row.key, row);
    this.#tables.set(table, rows);
    return true;
  }

  /** Stops following a row. */
  delete(table: string, key: number): void {
    if (this.#tables.get(table)?.delete(key)) this.#size--;
  }
}
