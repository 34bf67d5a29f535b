import { UsageError } from '../process/usage-error.ts';

/** Parses keys such as `1-100,205` into ranges of first and last key. */
export function parseKeys(text: string): [number, number][] {
  return text.split(',').map((part) => {
    const match = /^\s*(-?\d+)(?:-(-?\d+))?\s*$/.exec(part);
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!match || !Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first > last) {
      throw new UsageError(`'${part.trim()}' is not a key or a range of keys: expected a list such as 1-100,205.`);
    }
    return [first, last];
  });
}
