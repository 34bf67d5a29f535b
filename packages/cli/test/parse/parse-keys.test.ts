import { parseKeys } from '../../src/parse/parse-keys.ts';

test.each<[string, [number, number][]]>([
  ['205', [[205, 205]]],
  [
    '1-100,205',
    [
      [1, 100],
      [205, 205],
    ],
  ],
  [
    ' 7 , 3-3 ',
    [
      [7, 7],
      [3, 3],
    ],
  ],
  ['-5--1', [[-5, -1]]],
])('parses %s', (text, keys) => {
  expect(parseKeys(text)).toEqual(keys);
});

test.each([[''], ['a'], ['1-'], ['2-1'], ['1,,2'], ['1.5'], ['1e3'], ['99999999999999999999'], ['1-2-3']])(
  'refuses %s',
  (text) => {
    expect(() => parseKeys(text)).toThrow('is not a key or a range of keys');
  },
);
