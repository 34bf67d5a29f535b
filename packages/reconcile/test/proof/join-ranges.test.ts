import { KeySet } from '@totesys/lake';
import fc from 'fast-check';
import { joinRanges, type TableKeys, takeKeys } from '../../src/proof/join-ranges.ts';

const tablesOf = (sets: readonly (readonly number[])[]): TableKeys =>
  new Map(sets.map((keys, i) => [`t${i}`, KeySet.of(keys.map((key) => [key, key]))]));
const rangesOf = (tables: TableKeys) => [...tables].map(([, keys]) => [...keys.ranges()]);
const sets = fc.array(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 }), { maxLength: 4 });

test('joined ranges include every key, and are no more than allowed', () => {
  fc.assert(
    fc.property(sets, fc.integer({ min: 5, max: 40 }), (keys, most) => {
      const joined = joinRanges(tablesOf(keys), most);
      keys.forEach((of, i) => {
        for (const key of of) expect(joined.get(`t${i}`)!.has(key)).toBe(true);
      });
      expect(rangesOf(joined).flat().length).toBeLessThanOrEqual(most);
    }),
  );
});

test('the smallest gaps of all tables are joined', () => {
  const tables = tablesOf([
    [1, 5, 100],
    [7, 1_000],
  ]);
  expect(rangesOf(joinRanges(tables, 4))).toEqual([
    [
      [1, 5],
      [100, 100],
    ],
    [
      [7, 7],
      [1_000, 1_000],
    ],
  ]);
});

test('the first keys are taken, and the others counted', () => {
  fc.assert(
    fc.property(sets, fc.integer({ min: 0, max: 100 }), (keys, most) => {
      const tables = tablesOf(keys);
      const all = [...tables].flatMap(([table, set]) => [...set.keys()].map((key) => `${table} ${key}`));
      const { taken, left } = takeKeys(tables, most);
      const first = [...taken].flatMap(([table, set]) => [...set.keys()].map((key) => `${table} ${key}`));
      expect(first).toEqual(all.slice(0, most));
      expect(left).toBe(Math.max(0, all.length - most));
    }),
  );
});
