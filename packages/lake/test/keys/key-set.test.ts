import fc from 'fast-check';
import { KeySet, KeySetBuilder } from '../../src/keys/key-set.ts';

const keys = fc.array(fc.integer({ min: -20, max: 60 }), { maxLength: 60 });

function setOf(values: Iterable<number>): KeySet {
  const builder = new KeySetBuilder();
  for (const value of values) builder.add(value);
  return builder.build();
}

const sorted = (values: Iterable<number>) => [...new Set(values)].sort((a, b) => a - b);

describe('KeySet', () => {
  test('keeps gapless serials as one range', () => {
    const set = setOf(Array.from({ length: 100_000 }, (_, i) => i + 1));
    expect([...set.ranges()]).toEqual([[1, 100_000]]);
    expect(set.count).toBe(100_000);
  });

  test('holds exactly the keys that were added, in any order and however often', () => {
    fc.assert(
      fc.property(keys, (values) => {
        const set = setOf(values);
        expect([...set.keys()]).toEqual(sorted(values));
        expect(set.count).toBe(new Set(values).size);
        const tried = Array.from({ length: 90 }, (_, i) => i - 25);
        expect(tried.filter((key) => set.has(key))).toEqual(tried.filter((key) => values.includes(key)));
      }),
    );
  });

  test('never keeps ranges that touch or overlap', () => {
    fc.assert(
      fc.property(keys, (values) => {
        const ranges = [...setOf(values).ranges()];
        ranges.slice(1).forEach(([first], i) => {
          expect(first).toBeGreaterThan(ranges[i]![1] + 1);
        });
      }),
    );
  });

  test('unites, subtracts and narrows as sets do', () => {
    fc.assert(
      fc.property(
        keys,
        keys,
        fc.integer({ min: -25, max: 65 }),
        fc.integer({ min: -25, max: 65 }),
        (a, b, after, through) => {
          expect([...setOf(a).union(setOf(b)).keys()]).toEqual(sorted([...a, ...b]));
          expect([...setOf(a).minus(setOf(b)).keys()]).toEqual(sorted(a.filter((key) => !b.includes(key))));
          const within = sorted(a.filter((key) => key > after && key <= through));
          expect([...setOf(a).within(after, through).keys()]).toEqual(within);
        },
      ),
    );
  });

  test('comes in chunks that hold every key once, each but the last of them full', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 7 }), (values, size) => {
        const chunks = [...setOf(values).chunks(size)];
        expect(chunks.flat()).toEqual(sorted(values));
        expect(chunks.slice(0, -1).every((chunk) => chunk.length === size)).toBe(true);
        expect(chunks.every(({ length }) => length > 0 && length <= size)).toBe(true);
      }),
    );
  });

  test('narrows by bounds that are infinite', () => {
    const set = KeySet.of([[1, 5]]);
    expect([...set.within(Number.NEGATIVE_INFINITY, 3).keys()]).toEqual([1, 2, 3]);
    expect([...set.within(3, Number.POSITIVE_INFINITY).keys()]).toEqual([4, 5]);
    expect(set.within(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY).count).toBe(0);
  });
});
