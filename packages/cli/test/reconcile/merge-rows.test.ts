import fc from 'fast-check';
import { mergeRows } from '../../src/reconcile/merge-rows.ts';

async function* chunks(keys: readonly number[], size: number) {
  for (let from = 0; from < keys.length; from += size) yield keys.slice(from, from + size).map((key) => ({ key }));
}

const sortedKeys = fc.uniqueArray(fc.integer({ min: -50, max: 50 })).map((keys) => keys.sort((a, b) => a - b));

test('gives each key of either side once, in order, with the rows that have it, however the streams are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      sortedKeys,
      sortedKeys,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 7 }),
      async (left, right, leftSize, rightSize) => {
        const merged: { key: number; left: boolean; right: boolean }[] = [];
        for await (const pair of mergeRows(chunks(left, leftSize), chunks(right, rightSize))) {
          merged.push({ key: pair.key, left: pair.left !== undefined, right: pair.right !== undefined });
        }
        const keys = [...new Set([...left, ...right])].sort((a, b) => a - b);
        expect(merged).toEqual(keys.map((key) => ({ key, left: left.includes(key), right: right.includes(key) })));
      },
    ),
  );
});

test('ends both streams when its reader stops early', async () => {
  const ended: string[] = [];
  async function* endless(name: string) {
    try {
      for (let key = 0; ; key++) yield [{ key }];
    } finally {
      ended.push(name);
    }
  }
  for await (const { key } of mergeRows(endless('left'), endless('right'))) if (key === 3) break;
  expect(ended.sort()).toEqual(['left', 'right']);
});
