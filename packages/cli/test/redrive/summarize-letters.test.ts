import { summarizeLetters } from '../../src/redrive/summarize-letters.ts';

test('a redrive that leaves no letter succeeds', () => {
  expect(summarizeLetters([])).toEqual({ ok: true, redriven: 0, failed: 0, unreadable: 0, letters: [] });
  expect(summarizeLetters([{ id: 'a', outcome: 'redriven' }])).toMatchObject({ ok: true, redriven: 1 });
});

test('letters that are left cause an error', () => {
  const letters = [
    { id: 'a', outcome: 'redriven' },
    { id: 'b', outcome: 'failed', reason: 'it fails again' },
    { id: 'c', outcome: 'unreadable', reason: 'not a dead letter of a function' },
  ] as const;
  expect(summarizeLetters(letters)).toEqual({
    ok: false,
    error: {
      code: 'LETTERS_LEFT',
      message: expect.stringMatching(/^2 dead letters of 3 .*1 failed again and 1 are not dead letters/),
    },
    redriven: 1,
    failed: 1,
    unreadable: 1,
    letters,
  });
});
