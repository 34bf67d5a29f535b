import { parseHintAudit, parseHints } from '../../src/parse/parse-hints.ts';

test('the option overrides the environment, and hints are off without both', () => {
  expect(parseHints({}, {})).toBe('off');
  expect(parseHints({}, { HINTS: '' })).toBe('off');
  expect(parseHints({}, { HINTS: 'shadow' })).toBe('shadow');
  expect(parseHints({ hints: 'off' }, { HINTS: 'shadow' })).toBe('off');
});

test('an unknown mode is refused with the name of what has it', () => {
  expect(() => parseHints({ hints: 'on' }, {})).toThrow("--hints is 'on': expected off, shadow or slot. Correct it.");
  expect(() => parseHints({}, { HINTS: 'yes' })).toThrow("HINTS is 'yes': expected off, shadow or slot. Correct it.");
});

test('the interval of audits is that of the option, otherwise that of the environment, otherwise an hour', () => {
  expect(parseHintAudit({}, {})).toBe(3_600_000);
  expect(parseHintAudit({}, { HINT_AUDIT_MINUTES: '' })).toBe(3_600_000);
  expect(parseHintAudit({}, { HINT_AUDIT_MINUTES: '5' })).toBe(300_000);
  expect(parseHintAudit({ hintAudit: '90s' }, { HINT_AUDIT_MINUTES: '5' })).toBe(90_000);
});

test.each([
  [{ hintAudit: '30s' }, {}, '--hint-audit is not valid: expected an interval from 1m to 24h, such as 30m or 2h.'],
  [{ hintAudit: '25h' }, {}, '--hint-audit is not valid: expected an interval from 1m to 24h, such as 30m or 2h.'],
  [{}, { HINT_AUDIT_MINUTES: '1h' }, "HINT_AUDIT_MINUTES is '1h': expected whole minutes from 1 to 1440. Correct it."],
  [{}, { HINT_AUDIT_MINUTES: '2.5' }, "HINT_AUDIT_MINUTES is '2.5': expected whole minutes from 1 to 1440."],
])('refuses the interval of %j and %j', (options, environment, message) => {
  expect(() => parseHintAudit(options, environment)).toThrow(message);
});
