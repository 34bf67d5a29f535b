import { KeySet } from '@totesys/lake';
import fc from 'fast-check';
import { WindowPairsBuilder } from '../../src/carried/window-pairs.ts';

const range = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: -20, max: 20 }), fc.nat({ max: 6 }));

const pairsOf = (ranges: readonly (readonly [number, number, number])[]) => {
  const pairs = new Set<string>();
  for (const [id, first, more] of ranges) for (let key = first; key <= first + more; key++) pairs.add(`${id} ${key}`);
  return pairs;
};

const build = (ranges: readonly (readonly [number, number, number])[]) => {
  const builder = new WindowPairsBuilder();
  for (const [id, first, more] of ranges) builder.add(id, first, first + more);
  return builder.build();
};

test('holds the pairs that were added, in any order, as ranges that neither touch nor overlap', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), (ranges) => {
      const [built, expected] = [build(ranges), pairsOf(ranges)];
      const found = new Set<string>();
      for (let id = 0; id <= 6; id++) {
        for (let key = -25; key <= 30; key++) if (built.has(id, key)) found.add(`${id} ${key}`);
      }
      expect([...found].sort()).toEqual([...expected].sort());
      const all = [...built.ranges()];
      expect(built.size).toBe(all.length);
      for (const [i, [id, first]] of all.entries()) {
        const before = all[i - 1];
        if (before && before[0] === id) expect(before[2] + 1).toBeLessThan(first);
        else if (before) expect(before[0]).toBeLessThan(id);
      }
    }),
  );
});

test('keeps the pairs of later transactions without deleted keys', () => {
  const keys = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.nat({ max: 6 })), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), keys, fc.integer({ min: 1, max: 6 }), (ranges, gone, xmin) => {
      const deleted = KeySet.of(gone.map(([first, more]) => [first, first + more]));
      const kept = pairsOf([...build(ranges).kept(xmin, deleted).ranges()].map(([id, a, b]) => [id, a, b - a]));
      const expected = [...pairsOf(ranges)].filter((pair) => {
        const [id, key] = pair.split(' ').map(Number);
        return id! >= xmin && !deleted.has(key!);
      });
      expect([...kept].sort()).toEqual(expected.sort());
    }),
  );
});
