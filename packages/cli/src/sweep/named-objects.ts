import { createHash } from 'node:crypto';
import { findPartPlace } from '@totesys/lake';

/** Keys gathered before the array has to grow. */
const INITIAL_KEYS = 4096;

/**
 * The parts that manifests name, eight bytes for each: those of a million batches are some 50 MB. Two keys that share their eight bytes
 * would spare one another, never cost one.
 */
export class NamedObjects {
  #keys = new BigUint64Array(INITIAL_KEYS);
  #count = 0;
  #isSorted = true;

  /** Adds every part that a manifest's content names, wherever it does: also what only a newer version knows of. */
  addAll(content: unknown): void {
    if (typeof content === 'string') {
      if (findPartPlace(content)) this.add(content);
    } else if (typeof content === 'object' && content !== null) {
      for (const value of Object.values(content)) this.addAll(value);
    }
  }

  /** Whether a manifest names the key. */
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
