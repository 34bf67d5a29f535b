import fc from 'fast-check';
import { NewestRows } from '../../src/witness/newest-rows.ts';

const newestOf = (rows: Iterable<readonly [number, number]>) => {
  const newest = new NewestRows(20);
  for (const [id, key] of rows) newest.add(id, key);
  return newest.rows();
};

test('the rows of the newest transactions stay, in whatever order they come', () => {
  const ids = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4000 });
  fc.assert(
    fc.property(ids, (given) => {
      const rows = newestOf(given.map((id, key) => [id, key] as const));
      const expected = [...given].sort((a, b) => b - a).slice(0, 20);
      expect(rows.map(({ id }) => id)).toEqual(expected);
      expect(rows.every(({ id, key }) => given[key] === id)).toBe(true);
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
    }),
    { numRuns: 50 },
  );
});

test('of one large transaction the rows are spread', () => {
  const rows = newestOf(Array.from({ length: 100_000 }, (_, key) => [5, key] as const));
  const keys = rows.map(({ key }) => key);
  expect(new Set(keys).size).toBe(20);
  expect(Math.max(...keys)).toBeGreaterThan(500);
});
