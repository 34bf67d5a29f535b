import { KeySet } from '@totesys/lake';
import fc from 'fast-check';
import { WitnessPairs, WitnessPairsBuilder } from '../../src/witness/witness-pairs.ts';

const build = (rows: Iterable<readonly [number, number]>, since = 0) => {
  const builder = new WitnessPairsBuilder(since);
  for (const [id, key] of rows) builder.addRange(id, key, key);
  return builder.build();
};

test('a bulk load is one range, and is read back as it was written', () => {
  const pairs = build(Array.from({ length: 20_000 }, (_, i) => [5, i + 1] as const));
  expect(pairs.format()).toEqual(['5 1 20000']);
  expect(WitnessPairs.parse(String(pairs.since), pairs.format())).toEqual(pairs);
});

test('too many ranges raise the transaction from which on all are known', () => {
  const pairs = build(Array.from({ length: 20_000 }, (_, i) => [1000 + i, 2 * i] as const));
  expect(pairs.format()).toHaveLength(100);
  expect(pairs.since).toBe(20_900);
  const scattered = build(Array.from({ length: 20_000 }, (_, i) => [5, 2 * i] as const));
  expect(scattered).toMatchObject({ since: 6, keys: new Map() });
});

test('whatever rows come in whatever order, those of the transactions that it knows are complete, and nothing else is in it', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: -500, max: 500 })), {
    maxLength: 2000,
  });
  fc.assert(
    fc.property(rows, (given) => {
      const pairs = build(given);
      const expected = new Set(given.filter(([id]) => id >= pairs.since).map((pair) => pair.join(' ')));
      const found = [...pairs.keys].flatMap(([id, keys]) => [...keys.keys()].map((key) => `${id} ${key}`));
      expect(new Set(found)).toEqual(expected);
      expect(found).toHaveLength(expected.size);
      expect(pairs.format().length).toBeLessThanOrEqual(100);
    }),
  );
});

test('what was known before stays, but for keys that are carried again, deleted or no longer covered', () => {
  const before = build([
    [10, 1],
    [10, 2],
    [11, 3],
    [12, 9],
  ]);
  const builder = new WitnessPairsBuilder(0);
  builder.addRange(20, 2, 2);
  builder.addKept(new WitnessPairs(10, before.keys), KeySet.of([[2, 2]]), 5);
  expect(builder.build()).toMatchObject({ since: 10 });
  expect(builder.build().format()).toEqual(['10 1 1', '11 3 3', '20 2 2']);
});
