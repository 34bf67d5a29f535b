import { KeySet, OpenKeys } from '../../src/index.ts';

const keys = (...of: number[]) => KeySet.of(of.map((key) => [key, key] as const));
const entriesOf = (open: OpenKeys) =>
  [...open.entries()].map(([table, batch, found]) => [table, batch, [...found.keys()]]);

test('has each row once, under the batch that put it there last, however often a batch adds some', () => {
  const open = new OpenKeys();
  open.open('staff', 1, keys(1, 2, 3));
  open.open('staff', 2, keys(2));
  open.open('staff', 2, keys(5));
  open.open('address', 2, keys());
  expect(entriesOf(open)).toEqual([
    ['staff', 1, [1, 3]],
    ['staff', 2, [2, 5]],
  ]);
  expect([open.count, open.tables, [...open.keysOf('staff').keys()]]).toEqual([4, ['staff'], [1, 2, 3, 5]]);
});

test('lets go of rows that are settled, of all batches or of one', () => {
  const open = new OpenKeys();
  open.open('staff', 1, keys(1, 2));
  open.open('staff', 2, keys(3));
  open.settle('staff', keys(1, 3), 1);
  expect(entriesOf(open)).toEqual([
    ['staff', 1, [2]],
    ['staff', 2, [3]],
  ]);
  open.settle('staff', keys(2, 3));
  expect([open.count, open.tables]).toEqual([0, []]);
});
