import { parseInterval } from '../../src/parse/parse-interval.ts';

test.each([
  ['100ms', 100],
  ['1s', 1_000],
  ['1.5s', 1_500],
  ['5m', 300_000],
  ['24h', 86_400_000],
  ['1d', 86_400_000],
])('parses %s', (text, intervalMs) => {
  expect(parseInterval(text)).toBe(intervalMs);
});

test.each([
  '',
  '1',
  '1000',
  '-1s',
  '0s',
  '99ms',
  '25h',
  '2d',
  '1 s',
  '1 minute',
  '1e3s',
  's',
  'Infinitys',
  '1s2',
  'NaN',
])("refuses '%s' and names the limits", (text) => {
  expect(() => parseInterval(text)).toThrow('--every is not valid: expected an interval from 100ms to 24h');
});
