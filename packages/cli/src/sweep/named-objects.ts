import { createHash } from 'node:crypto';
import { findPartOrigin } from '@totesys/lake';

/** The capacity before the array grows: keys. */
const INITIAL_KEYS = 4096;

/**
 * The keys of the parts that manifests name, as the first eight bytes of their SHA-256. A million batches take about
 * 50 MB. If two keys collide, a leftover may stay; a named part is never removed.
 */
export class NamedObjects {
  #keys = new BigUint64Array(INITIAL_KEYS);
  #count = 0;
  #isSorted = true;

  /** Adds every part that a manifest names in any field, also in fields that only a newer version of the code knows. */
  addAll(content: unknown): void {
    if (typeof content === 'string') {
      if (findPartOrigin(content)) this.add(content);
    } else if (typeof content === 'object' && content !== null) {
      for (const value of Object.values(content)) this.addAll(value);
    }
  }

  /** Returns whether a manifest names the key. */
  has(key: string): boolean {
    if (!this.#isSorted) this.#keys.subarray(0, this.#count).sort();
    this.#isSorted = true;
    const wanted = shortened(key);
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#keys[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low < this.#count && this.#keys[low] === wanted;
  }

  private add(key: string): void {
    if (this.#count === this.#keys.length) {
      const larger = new BigUint64Array(2 * this.#count);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys[this.#count++] = shortened(key);
    this.#isSorted = false;
  }
}

function shortened(key: string): bigint {
  return createHash('sha256').update(key).digest().readBigUInt64LE(0);
}
