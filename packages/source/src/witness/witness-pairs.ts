import { KeySet } from '@totesys/lake';

/** Ranges of keys that a table's witness keeps at most: some 3 kB of its manifest. */
const MAX_RANGES = 100;
/** Ranges gathered before the oldest transactions are dropped. */
const MAX_GATHERED = 40 * MAX_RANGES;

/**
 * The keys that the newest transactions wrote, complete from the transaction `since` on: no other row may have one of
 * their ids later.
 */
export class WitnessPairs {
  readonly since: number;
  readonly keys: ReadonlyMap<number, KeySet>;

  constructor(since: number, keys: ReadonlyMap<number, KeySet>) {
    this.since = since;
    this.keys = keys;
  }

  /** Parses what `format` returns. */
  static parse(since: string, pairs: readonly string[]): WitnessPairs {
    const gathered = new WitnessPairsBuilder(Number(since));
    for (const pair of pairs) {
      const [id, first, last] = pair.split(' ').map(Number);
      gathered.addRange(id!, first!, last!);
    }
    return gathered.build();
  }

  /** Returns the pairs as a manifest holds them: each "id first last". */
  format(): string[] {
    return [...this.keys].flatMap(([id, keys]) => [...keys.ranges()].map(([first, last]) => `${id} ${first} ${last}`));
  }

  /** Returns whether transaction `id` wrote the row of `key`. */
  has(id: number, key: number): boolean {
    return this.keys.get(id)?.has(key) ?? false;
  }
}

/**
 * Gathers pairs as rows are read, in bounded memory: if they are too many, it drops the oldest transactions and
 * raises `since`.
 */
export class WitnessPairsBuilder {
  #since: number;
  /** Transaction, first key and last key of each range, as they came. */
  readonly #log = new Float64Array(3 * MAX_GATHERED);
  #used = 0;

  constructor(since: number) {
    this.#since = since;
  }

  /** Adds the keys from `first` to `last` that transaction `id` wrote. */
  addRange(id: number, first: number, last: number): void {
    if (id < this.#since) return;
    const log = this.#log;
    if (this.#used > 0 && log[this.#used - 3] === id && log[this.#used - 1] === first - 1) {
      log[this.#used - 1] = last;
      return;
    }
    // Keeps more than a manifest may hold, because ranges of one transaction may still merge.
    if (this.#used === log.length) this.write(this.prune(2 * MAX_RANGES));
    if (id < this.#since) return;
    log[this.#used++] = id;
    log[this.#used++] = first;
    log[this.#used++] = last;
  }

  /**
   * Adds the pairs of earlier batches without the keys that this batch carries or deletes, and without keys that are
   * no longer covered.
   */
  addKept(before: WitnessPairs, dropped: KeySet, bound: number): void {
    this.#since = Math.max(this.#since, before.since);
    for (const [id, keys] of before.keys) {
      const kept = keys.minus(dropped).within(Number.NEGATIVE_INFINITY, bound);
      for (const [first, last] of kept.ranges()) this.addRange(id, first, last);
    }
  }

  /** Returns the pairs of the newest transactions, as many as a manifest may hold. */
  build(): WitnessPairs {
    const keys = this.prune(MAX_RANGES);
    return new WitnessPairs(this.#since, keys);
  }

  // Returns the newest transactions with at most `most` ranges, in the order of their ids, and raises `since` above
  // the others.
  private prune(most: number): Map<number, KeySet> {
    this.#since = Math.max(this.#since, this.findOldest(most));
    const ranges = new Map<number, [number, number][]>();
    for (let at = 0; at < this.#used; at += 3) {
      const [id, first, last] = [this.#log[at]!, this.#log[at + 1]!, this.#log[at + 2]!];
      if (id < this.#since) continue;
      const some = ranges.get(id);
      if (some) some.push([first, last]);
      else ranges.set(id, [[first, last]]);
    }
    const kept: [number, KeySet][] = [];
    let count = 0;
    for (const [id, some] of [...ranges].sort(([a], [b]) => b - a)) {
      const keys = KeySet.of(some);
      count += keys.rangeCount;
      if (count > most) {
        this.#since = id + 1;
        break;
      }
      kept.push([id, keys]);
    }
    return new Map(kept.reverse());
  }

  // Each transaction has at least one range, so at most `most` of them are kept.
  private findOldest(most: number): number {
    const ids = new Float64Array(this.#used / 3);
    for (let i = 0; i < ids.length; i++) ids[i] = this.#log[3 * i]!;
    ids.sort();
    let distinct = 0;
    for (let i = ids.length - 1; i >= 0; i--) {
      if (ids[i] !== ids[i + 1] && ++distinct > most) return ids[i]! + 1;
    }
    return 0;
  }

  private write(kept: ReadonlyMap<number, KeySet>): void {
    this.#used = 0;
    for (const [id, keys] of kept) {
      for (const [first, last] of keys.ranges()) {
        this.#log.set([id, first, last], this.#used);
        this.#used += 3;
      }
    }
  }
}
