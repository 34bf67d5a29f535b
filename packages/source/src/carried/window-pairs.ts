import type { KeySet } from '@totesys/lake';

/** The numbers of one range: transaction id, first key and last key. */
const WIDTH = 3;
/** Ranges that are collected before they are sorted and merged: 24 MB. */
const MAX_LOOSE_RANGES = 1_000_000;

/**
 * The rows of the window that earlier batches carry: (transaction id, key) pairs, for each transaction as ranges of
 * keys. Once visible, a row version with such a pair never changes. Ids are 64-bit.
 */
export class WindowPairs {
  /** The ranges, in the order of ids and keys; ranges of one transaction neither touch nor overlap. */
  readonly #ranges: Float64Array;

  constructor(ranges: Float64Array = new Float64Array(0)) {
    this.#ranges = ranges;
  }

  /** The number of ranges. */
  get size(): number {
    return this.#ranges.length / WIDTH;
  }

  /** Returns whether an earlier batch carries the version of `key` that transaction `id` wrote. */
  has(id: number, key: number): boolean {
    let low = 0;
    let high = this.size;
    // Finds the first range after (id, key).
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = WIDTH * middle;
      if (this.#ranges[at]! < id || (this.#ranges[at] === id && this.#ranges[at + 1]! <= key)) low = middle + 1;
      else high = middle;
    }
    const at = WIDTH * (low - 1);
    return low > 0 && this.#ranges[at] === id && this.#ranges[at + 2]! >= key;
  }

  /** Returns every range: transaction id, first key and last key. */
  *ranges(): Generator<[number, number, number]> {
    for (let at = 0; at < this.#ranges.length; at += WIDTH) {
      yield [this.#ranges[at]!, this.#ranges[at + 1]!, this.#ranges[at + 2]!];
    }
  }

  /** Returns the pairs of transactions not older than `xmin`, without the deleted keys. */
  kept(xmin: number, deleted: KeySet): WindowPairs {
    const kept = new WindowPairsBuilder();
    for (const [id, first, last] of this.ranges()) if (id >= xmin) kept.addWithout(id, [first, last], deleted);
    return kept.build();
  }
}

/** Gathers pairs as they are read; pairs in the order of ids and keys need no sorting. */
export class WindowPairsBuilder {
  #ranges = new Float64Array(16 * WIDTH);
  #used = 0;
  #merged = 0;

  /** Adds the keys from `first` to `last` of transaction `id`. */
  add(id: number, first: number, last = first): void {
    const ranges = this.#ranges;
    if (this.#used > 0 && ranges[this.#used - 3] === id && ranges[this.#used - 1] === first - 1) {
      ranges[this.#used - 1] = last;
      return;
    }
    // Merging only when loose ranges outnumber merged ones keeps the total cost linear.
    if (this.#used - this.#merged >= WIDTH * MAX_LOOSE_RANGES + this.#merged) this.merge();
    if (this.#used === this.#ranges.length) {
      const larger = new Float64Array(2 * this.#used);
      larger.set(this.#ranges);
      this.#ranges = larger;
    }
    this.#ranges[this.#used++] = id;
    this.#ranges[this.#used++] = first;
    this.#ranges[this.#used++] = last;
  }

  /** Adds the keys from `first` to `last` of transaction `id`, except the deleted ones. */
  addWithout(id: number, [first, last]: readonly [number, number], deleted: KeySet): void {
    let from = first;
    for (const [firstDeleted, lastDeleted] of deleted.within(first - 1, last).ranges()) {
      if (from < firstDeleted) this.add(id, from, firstDeleted - 1);
      from = lastDeleted + 1;
    }
    if (from <= last) this.add(id, from, last);
  }

  /** Returns all pairs that were added. */
  build(): WindowPairs {
    this.merge();
    return new WindowPairs(this.#ranges.slice(0, this.#used));
  }

  private merge(): void {
    const ranges = this.#ranges;
    const compare = (a: number, b: number) => ranges[a]! - ranges[b]! || ranges[a + 1]! - ranges[b + 1]!;
    let isSorted = true;
    for (let at = WIDTH; at < this.#used && isSorted; at += WIDTH) {
      isSorted = compare(at - WIDTH, at) < 0 && !(ranges[at - WIDTH] === ranges[at] && touches(ranges, at - WIDTH, at));
    }
    if (!isSorted) {
      const order = new Uint32Array(this.#used / WIDTH).map((_, range) => WIDTH * range).sort(compare);
      this.#ranges = new Float64Array(ranges.length);
      this.#used = mergeInOrder(ranges, order, this.#ranges);
    }
    this.#merged = this.#used;
  }
}

// Whether the range at `next` begins in the range at `at`, or just after it.
function touches(ranges: Float64Array, at: number, next: number): boolean {
  return ranges[next + 1]! <= ranges[at + 2]! + 1;
}

// Writes the ranges in order, those of one transaction that touch as one range. Returns how many numbers it wrote.
function mergeInOrder(ranges: Float64Array, order: Uint32Array, into: Float64Array): number {
  let used = 0;
  for (const at of order) {
    const [id, first, last] = [ranges[at]!, ranges[at + 1]!, ranges[at + 2]!];
    if (used > 0 && into[used - 3] === id && first <= into[used - 1]! + 1) {
      into[used - 1] = Math.max(into[used - 1]!, last);
      continue;
    }
    into[used++] = id;
    into[used++] = first;
    into[used++] = last;
  }
  return used;
}
