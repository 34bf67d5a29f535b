/** A set of integer keys as sorted ranges that neither touch nor overlap: gapless serials are one range. */
export class KeySet {
  static readonly empty = new KeySet(new Float64Array(0));

  /** Pairs of first and last key of each range. */
  readonly bounds: Float64Array;
  /** How many keys there are. */
  readonly count: number;

  constructor(bounds: Float64Array) {
    this.bounds = bounds;
    let count = 0;
    for (let i = 0; i < bounds.length; i += 2) count += bounds[i + 1]! - bounds[i]! + 1;
    this.count = count;
  }

  /** Returns the set of the given ranges, in any order, overlapping or not. */
  static of(ranges: Iterable<readonly [number, number]>): KeySet {
    const builder = new KeySetBuilder();
    for (const [first, last] of ranges) builder.addRange(first, last);
    return builder.build();
  }

  /** How many ranges there are. */
  get rangeCount(): number {
    return this.bounds.length / 2;
  }

  /** The highest key; −∞ for an empty set. */
  get last(): number {
    return this.bounds.at(-1) ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether the key is in the set. */
  has(key: number): boolean {
    const range = this.rangeFrom(key);
    return range < this.rangeCount && this.bounds[2 * range]! <= key;
  }

  /** The ranges, first and last key of each. */
  *ranges(): Generator<[number, number]> {
    for (let i = 0; i < this.bounds.length; i += 2) yield [this.bounds[i]!, this.bounds[i + 1]!];
  }

  /** Each key, in order. */
  *keys(): Generator<number> {
    for (const [first, last] of this.ranges()) for (let key = first; key <= last; key++) yield key;
  }

  /** Each key, in order, in arrays of at most `size`. */
  *chunks(size: number): Generator<number[]> {
    let chunk: number[] = [];
    for (const key of this.keys()) {
      if (chunk.push(key) < size) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }

  /** Returns the keys above `after`, up to and including `through`. */
  within(after: number, through: number): KeySet {
    const from = 2 * this.rangeFrom(after + 1);
    const last = this.rangeFrom(through);
    const overlaps = last < this.rangeCount && this.bounds[2 * last]! <= through;
    const to = 2 * (last + (overlaps ? 1 : 0));
    if (from >= to) return KeySet.empty;
    const bounds = this.bounds.slice(from, to);
    bounds[0] = Math.max(bounds[0]!, after + 1);
    bounds[bounds.length - 1] = Math.min(bounds[bounds.length - 1]!, through);
    return bounds[0] <= bounds[1]! ? new KeySet(bounds) : KeySet.empty;
  }

  /** Returns the keys of either set. */
  union(other: KeySet): KeySet {
    if (other.count === 0) return this;
    if (this.count === 0) return other;
    const builder = new KeySetBuilder();
    for (const set of [this, other]) for (const [first, last] of set.ranges()) builder.addRange(first, last);
    return builder.build();
  }

  /** Returns the keys of this set that are not in the other one. */
  minus(other: KeySet): KeySet {
    if (this.count === 0 || other.count === 0) return this;
    const builder = new KeySetBuilder();
    let next = 0;
    for (const [first, last] of this.ranges()) {
      let from = first;
      while (next < other.rangeCount && other.bounds[2 * next + 1]! < from) next++;
      for (let range = next; from <= last; range++) {
        const gapEnd = range < other.rangeCount ? other.bounds[2 * range]! - 1 : Number.POSITIVE_INFINITY;
        if (from <= gapEnd) builder.addRange(from, Math.min(last, gapEnd));
        if (gapEnd >= last) break;
        from = Math.max(from, other.bounds[2 * range + 1]! + 1);
      }
    }
    return builder.build();
  }

  // Returns the first range that ends at the key or after it.
  private rangeFrom(key: number): number {
    let low = 0;
    let high = this.rangeCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.bounds[2 * middle + 1]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Ranges that are collected before they are sorted and merged: 16 MB. */
const MAX_LOOSE_RUNS = 1_000_000;

/** Builds a `KeySet` from keys in any order; keys in ascending order need no sorting. */
export class KeySetBuilder {
  #bounds = new Float64Array(32);
  #used = 0;
  #merged = 0;

  /** Adds one key. */
  add(key: number): void {
    this.addRange(key, key);
  }

  /** Adds the keys from `first` to `last`, both included. */
  addRange(first: number, last: number): void {
    if (this.#used > 0 && first === this.#bounds[this.#used - 1]! + 1) {
      this.#bounds[this.#used - 1] = last;
      return;
    }
    // Merging only when loose ranges outnumber merged ones keeps the total cost linear.
    if (this.#used - this.#merged >= 2 * MAX_LOOSE_RUNS + this.#merged) this.merge();
    if (this.#used === this.#bounds.length) {
      const larger = new Float64Array(2 * this.#used);
      larger.set(this.#bounds);
      this.#bounds = larger;
    }
    this.#bounds[this.#used++] = first;
    this.#bounds[this.#used++] = last;
  }

  /** Adds the keys of a set. */
  addAll(keys: KeySet): void {
    for (const [first, last] of keys.ranges()) this.addRange(first, last);
  }

  /** Returns the set of all keys that were added. */
  build(): KeySet {
    this.merge();
    return new KeySet(this.#bounds.slice(0, this.#used));
  }

  private merge(): void {
    const runs = this.#used / 2;
    const bounds = this.#bounds;
    let sorted = true;
    for (let i = 2; i < this.#used && sorted; i += 2) sorted = bounds[i]! > bounds[i - 1]!;
    if (!sorted) {
      const order = new Uint32Array(runs).map((_, run) => run).sort((a, b) => bounds[2 * a]! - bounds[2 * b]!);
      const merged = new Float64Array(bounds.length);
      let used = 0;
      for (const run of order) {
        const first = bounds[2 * run]!;
        const last = bounds[2 * run + 1]!;
        if (used > 0 && first <= merged[used - 1]! + 1) merged[used - 1] = Math.max(merged[used - 1]!, last);
        else {
          merged[used++] = first;
          merged[used++] = last;
        }
      }
      this.#bounds = merged;
      this.#used = used;
    }
    this.#merged = this.#used;
  }
}
