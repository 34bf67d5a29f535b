import { ErrorCode } from '@totesys/runtime';
import { countOf } from '../format/count-of.ts';
import type { Redriven } from './redrive-letters.ts';

/** Counts the letters by outcome, with an error if some are left in the queue. */
export function summarizeLetters(letters: readonly Redriven[]) {
  const count = (outcome: Redriven['outcome']) => letters.filter((letter) => letter.outcome === outcome).length;
  const counts = { redriven: count('redriven'), failed: count('failed'), unreadable: count('unreadable') };
  const left = counts.failed + counts.unreadable;
  if (left === 0) return { ok: true, ...counts, letters };
  const message =
    `${countOf(left, 'dead letter')} of ${letters.length} left in the queue: expected none, but ${counts.failed} ` +
    `failed again and ${counts.unreadable} are not dead letters of a function. ` +
    'Correct the reasons listed above, then redrive again.';
  return { ok: false, error: { code: ErrorCode.LETTERS_LEFT, message }, ...counts, letters };
}
