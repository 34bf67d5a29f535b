import { KeySet } from '@totesys/lake';

/** Ranges of keys that a table's witness keeps at most: some 3 kB of its manifest. */
const MAX_RANGES = 100;
/** Ranges gathered before the oldest transactions are given up. */
const MAX_GATHERED = 40 * MAX_RANGES;

/** The keys that the newest transactions wrote, complete from the transaction `since` on, so that nothing else may show one of their ids later. */
export class WitnessPairs {
  readonly since: number;
  readonly keys: ReadonlyMap<number, KeySet>;

  constructor(since: number, keys: ReadonlyMap<number, KeySet>) {
    this.since = since;
    this.keys = keys;
  }

  /** Reads what `format` wrote. */
  static parse(since: string, pairs: readonly string[]): WitnessPairs {
    const gathered = new WitnessPairsBuilder(Number(since));
    for (const pair of pairs) {
      const [id, first, last] = pair.split(' ').map(Number);
      gathered.addRange(id!, first!, last!);
    }
    return gathered.build();
  }

  /** Writes the pairs for a manifest, "id first last" each. */
  format(): string[] {
    return [...this.keys].flatMap(([id, keys]) => [...keys.ranges()].map(([first, last]) => `${id} ${first} ${last}`));
  }

  /** Whether transaction `id` wrote the row of `key`. */
  has(id: number, key: number): boolean {
    return this.keys.get(id)?.has(key) ?? false;
  }
}

/** Gathers pairs as rows are read, in bounded memory: where they are too many it forgets the oldest transactions and raises `since`. */
export class WitnessPairsBuilder {
  #since: number;
  #ranges = 0;
  readonly #bounds = new Map<number, number[]>();

  constructor(since: number) {
    this.#since = since;
  }

  /** Adds the keys from `first` to `last` that transaction `id` wrote. */
  addRange(id: number, first: number, last: number): void {
    if (id < this.#since) return;
    const bounds = this.#bounds.get(id);
    if (bounds && bounds.at(-1) === first - 1) {
      bounds[bounds.length - 1] = last;
      return;
    }
    if (bounds) bounds.push(first, last);
    else this.#bounds.set(id, [first, last]);
    if (++this.#ranges > MAX_GATHERED) this.prune(MAX_GATHERED / 2);
  }

  /** Adds the pairs of the batches before, without the keys that this one carries or deletes and those that are not covered any more. */
  addKept(before: WitnessPairs, dropped: KeySet, bound: number): void {
    this.raise(before.since);
    for (const [id, keys] of before.keys) {
      const kept = keys.minus(dropped).within(Number.NEGATIVE_INFINITY, bound);
      for (const [first, last] of kept.ranges()) this.addRange(id, first, last);
    }
  }

  /** The pairs of the newest transactions, as many as a manifest may hold. */
  build(): WitnessPairs {
    for (const [id, bounds] of this.#bounds) this.#bounds.set(id, normalize(bounds));
    this.prune(MAX_RANGES);
    return new WitnessPairs(
      this.#since,
      new Map(
        [...this.#bounds].sort(([a], [b]) => a - b).map(([id, bounds]) => [id, new KeySet(Float64Array.from(bounds))]),
      ),
    );
  }

  private raise(since: number): void {
    if (since <= this.#since) return;
    this.#since = since;
    for (const id of this.#bounds.keys()) if (id < since) this.#bounds.delete(id);
  }

  private prune(most: number): void {
    let ranges = 0;
    for (const [id, bounds] of [...this.#bounds].sort(([a], [b]) => b - a)) {
      ranges += bounds.length / 2;
      if (ranges <= most) continue;
      ranges -= bounds.length / 2;
      this.raise(id + 1);
      break;
    }
    this.#ranges = ranges;
  }
}

function normalize(bounds: readonly number[]): number[] {
  const ranges: [number, number][] = [];
  for (let i = 0; i < bounds.length; i += 2) ranges.push([bounds[i]!, bounds[i + 1]!]);
  return [...KeySet.of(ranges).bounds];
}
