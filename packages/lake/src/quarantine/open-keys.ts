import { KeySet } from '../keys/key-set.ts';

/** The keys of rows whose newest state is in quarantine, by source table and by the batch that put them there. */
export class OpenKeys {
  readonly #tables = new Map<string, Map<number, KeySet>>();

  /** Puts rows into quarantine as of a batch; an older state of them is no longer the newest. */
  open(table: string, batch: number, keys: KeySet): void {
    if (keys.count === 0) return;
    this.settle(table, keys);
    const batches = this.#tables.get(table) ?? new Map<number, KeySet>();
    this.#tables.set(table, batches.set(batch, batches.get(batch)?.union(keys) ?? keys));
  }

  /** Takes rows out, of all batches or of one: a later batch has fixed or deleted them. */
  settle(table: string, keys: KeySet, only?: number): void {
    const batches = this.#tables.get(table);
    for (const [batch, open] of batches ?? []) {
      if (only !== undefined && batch !== only) continue;
      const rest = open.minus(keys);
      if (rest.count > 0) batches!.set(batch, rest);
      else batches!.delete(batch);
    }
  }

  /** Returns the keys of a table's rows in quarantine. */
  keysOf(table: string): KeySet {
    return [...(this.#tables.get(table)?.values() ?? [])].reduce((all, keys) => all.union(keys), KeySet.empty);
  }

  /** The number of rows in quarantine. */
  get count(): number {
    return [...this.entries()].reduce((sum, [, , keys]) => sum + keys.count, 0);
  }

  /** The tables with rows in quarantine. */
  get tables(): string[] {
    return [...this.#tables.keys()].filter((table) => this.#tables.get(table)!.size > 0).sort();
  }

  /** Each table, batch, and the keys of the rows. */
  *entries(): Generator<[string, number, KeySet]> {
    for (const table of this.tables) {
      const batches = [...this.#tables.get(table)!].sort(([one], [other]) => one - other);
      for (const [batch, keys] of batches) yield [table, batch, keys];
    }
  }
}
