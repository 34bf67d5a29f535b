import { drawTable } from '../../src/terminal/draw-table.ts';

const HEAD = ['change', 'rows', 'what it says'];
const ROWS = [
  ['an edit of a sales order that leaves the stamp alone', 1_234, 'the same as it was before the run began'],
  ['a delete', 'not asked', 'nothing'],
] as const;

test('a column with numbers is aligned right, with the texts in it', () => {
  expect(drawTable(HEAD, ROWS).split('\n')).toEqual([
    '┌──────────────────────────────────────────────────────┬───────────┬─────────────────────────────────────────┐',
    '│ change                                               │      rows │ what it says                            │',
    '├──────────────────────────────────────────────────────┼───────────┼─────────────────────────────────────────┤',
    '│ an edit of a sales order that leaves the stamp alone │     1,234 │ the same as it was before the run began │',
    '│ a delete                                             │ not asked │ nothing                                 │',
    '└──────────────────────────────────────────────────────┴───────────┴─────────────────────────────────────────┘',
  ]);
});

test.each([40, 60, 80, 100])('a table fits into %i columns and keeps every word', (width) => {
  const drawn = drawTable(HEAD, ROWS, width);
  expect(Math.max(...drawn.split('\n').map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 55));
  const words = drawn.split(/[\s─-╿]+/).sort();
  expect(words).toEqual(
    drawTable(HEAD, ROWS)
      .split(/[\s─-╿]+/)
      .sort(),
  );
});

test('another column is narrowed before a word is broken', () => {
  const names = ['the_name_of_a_column', 'another_long_name_of_one'];
  const drawn = drawTable(
    ['column', 'reason'],
    [
      [names[0]!, 'no date of the form'],
      [names[1]!, 'a null'],
    ],
    45,
  );
  for (const name of names) expect(drawn).toContain(` ${name} `);
  expect(drawn).toMatch(/│ no date of the +│\n.*│ form +│/);
});

test('a word that is longer than its column is broken without losing a character', () => {
  const path = 'sales_order/batch_date=2026-11-24/batch=0000000001/5fd5c93b2bb72fe41e5dc62de726f1ea.parquet';
  const drawn = drawTable(['object', 'rows'], [[path, 1]], 60);
  const text = drawn
    .split('\n')
    .map((line) => line.split('│')[1]?.trim() ?? '')
    .join('');
  expect(text).toContain(path);
});
