import type { Difference } from './difference.ts';

/** Rows that are followed until a batch has carried them: some tens of megabytes. */
const MOST_FOLLOWED = 20_000;
/** Of those, how many are named column by column. */
const MOST_NAMED = 1_000;

/** A row that differs, in the version that the source shows. */
export interface PendingKey {
  readonly key: number;
  readonly difference: Difference;
  /** The version's name, and the source's clock when it was seen first, and when the row's first differing version was. */
  readonly version: string;
  readonly clock: string;
  readonly firstClock: string;
  /** Whether a batch has come that began later than the row was first seen, and the version of then is replaced: what differs now is another. */
  readonly hasMoved: boolean;
}

/** Rows that differ, and may only be too young for the batches that are loaded. */
export class PendingKeys {
  readonly #tables = new Map<string, Map<number, PendingKey>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many more are named with their columns. */
  get room(): number {
    return Math.max(0, MOST_NAMED - this.#size);
  }

  /** Whether a later batch has yet to come for some. */
  get isWaitedFor(): boolean {
    for (const { hasMoved } of this.all()) if (!hasMoved) return true;
    return false;
  }

  /** Those of one table, by key. */
  of(table: string): ReadonlyMap<number, PendingKey> {
    return this.#tables.get(table) ?? new Map();
  }

  /** Every one of them. */
  *all(): Generator<PendingKey> {
    for (const keys of this.#tables.values()) yield* keys.values();
  }

  /** Follows a row, in place of what was known of its key; false where there are too many already. */
  set(pending: PendingKey): boolean {
    const { table } = pending.difference;
    const keys = this.#tables.get(table) ?? new Map<number, PendingKey>();
    if (!keys.has(pending.key)) {
      if (this.#size >= MOST_FOLLOWED) return false;
      this.#size++;
    }
    keys.set(pending.key, pending);
    this.#tables.set(table, keys);
    return true;
  }

  /** Follows a row no longer. */
  delete(table: string, key: number): void {
    if (this.#tables.get(table)?.delete(key)) this.#size--;
  }
}
