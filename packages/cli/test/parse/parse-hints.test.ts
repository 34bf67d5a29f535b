import { parseHints } from '../../src/parse/parse-hints.ts';

test('the option overrides the environment, and hints are off without both', () => {
  expect(parseHints({}, {})).toBe('off');
  expect(parseHints({}, { HINTS: '' })).toBe('off');
  expect(parseHints({}, { HINTS: 'shadow' })).toBe('shadow');
  expect(parseHints({ hints: 'off' }, { HINTS: 'shadow' })).toBe('off');
});

test('an unknown mode is refused with the name of what has it', () => {
  expect(() => parseHints({ hints: 'on' }, {})).toThrow("--hints is 'on': expected off or shadow. Correct it.");
  expect(() => parseHints({}, { HINTS: 'yes' })).toThrow("HINTS is 'yes': expected off or shadow. Correct it.");
});
