import { spreadOf, spreadOfKnown } from '../../src/measures/spread.ts';

test.each([
  [[3], { median: 3, least: 3, most: 3, runs: 1 }],
  [[3, 1, 2], { median: 2, least: 1, most: 3, runs: 3 }],
  [[10, 4, 1, 2], { median: 3, least: 1, most: 10, runs: 4 }],
])('the spread of %j has the median, the least and the most', (values, spread) => {
  expect(spreadOf(values)).toEqual(spread);
});

test('without a measurement there is no spread', () => {
  expect(() => spreadOf([])).toThrow('No measurement was made');
  expect(spreadOfKnown([])).toBeUndefined();
});

test('a measurement that is not known makes the spread unknown, instead of a smaller one', () => {
  expect(spreadOfKnown([1, undefined, 3])).toBeUndefined();
  expect(spreadOfKnown([1, 3])).toMatchObject({ median: 2 });
});
