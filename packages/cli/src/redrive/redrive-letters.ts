import type { Letter, Letters } from './aws-letters.ts';
import { parseDeadLetter } from './dead-letter.ts';

/** The outcome of one letter. */
export interface Redriven {
  readonly id: string;
  readonly outcome: 'redriven' | 'failed' | 'unreadable';
  readonly reason?: string;
}

/**
 * Invokes the function again with the event of each letter, one after another, and deletes a letter once its run has
 * succeeded. A letter whose run fails again, or that is not a dead letter, becomes visible again after all were tried.
 */
export async function redriveLetters(
  letters: Letters,
  report: (redriven: Redriven) => void,
  interrupted: AbortSignal,
): Promise<Redriven[]> {
  const outcomes: Redriven[] = [];
  const kept: Letter[] = [];
  const seen = new Set<string>();
  try {
    while (!interrupted.aborted) {
      const letter = await letters.receive();
      if (!letter) break;
      if (seen.has(letter.id)) {
        // The letter became visible again before all were tried: another consumer has released it.
        kept.push(letter);
        break;
      }
      seen.add(letter.id);
      const outcome = await redriveLetter(letters, letter, kept);
      outcomes.push(outcome);
      report(outcome);
    }
  } finally {
    for (const letter of kept) await letter.release().catch(() => {});
  }
  return outcomes;
}

async function redriveLetter(letters: Letters, letter: Letter, kept: Letter[]): Promise<Redriven> {
  // It is released in the end unless it is deleted, also after an error.
  kept.push(letter);
  const found = parseDeadLetter(letter.body);
  if (!found) return { id: letter.id, outcome: 'unreadable', reason: 'not a dead letter of a function' };
  const failure = await letters.invoke(found.event);
  if (failure !== undefined) return { id: letter.id, outcome: 'failed', reason: failure };
  await letter.delete();
  kept.pop();
  return { id: letter.id, outcome: 'redriven' };
}
