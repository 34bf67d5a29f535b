import { type KeySet, KeySetBuilder } from '@totesys/lake';

/**
 * The rows of the window that earlier batches carry: (transaction id, key) pairs, for each transaction as ranges of
 * keys. Once visible, a row version with such a pair never changes. Ids are 64-bit.
 */
export class WindowPairs {
  readonly #keys = new Map<number, KeySet>();

  /** Returns whether an earlier batch carries the version of `key` that transaction `id` wrote. */
  has(id: number, key: number): boolean {
    return this.#keys.get(id)?.has(key) ?? false;
  }

  /** The number of transactions. */
  get size(): number {
    return this.#keys.size;
  }

  /** Adds the keys that transaction `id` wrote. */
  add(id: number, keys: KeySet): void {
    this.#keys.set(id, this.#keys.get(id)?.union(keys) ?? keys);
  }

  /** Returns every transaction with its keys. */
  entries(): IterableIterator<[number, KeySet]> {
    return this.#keys.entries();
  }

  /** Returns the pairs of transactions not older than `xmin`, without the deleted keys. */
  kept(xmin: number, deleted: KeySet): WindowPairs {
    const kept = new WindowPairs();
    for (const [id, keys] of this.#keys) {
      const rest = keys.minus(deleted);
      if (id >= xmin && rest.count > 0) kept.add(id, rest);
    }
    return kept;
  }
}

/** Gathers pairs as they are read. */
export class WindowPairsBuilder {
  readonly #builders = new Map<number, KeySetBuilder>();

  /** Adds the keys from `first` to `last` of transaction `id`. */
  add(id: number, first: number, last = first): void {
    let builder = this.#builders.get(id);
    if (!builder) {
      builder = new KeySetBuilder();
      this.#builders.set(id, builder);
    }
    builder.addRange(first, last);
  }

  /** Returns all pairs that were added. */
  build(): WindowPairs {
    const pairs = new WindowPairs();
    for (const [id, builder] of this.#builders) pairs.add(id, builder.build());
    return pairs;
  }
}
