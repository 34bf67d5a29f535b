import type { Letter, Letters } from './aws-letters.ts';
import { parseDeadLetter } from './dead-letter.ts';

/** What became of one letter. */
export interface Redriven {
  readonly id: string;
  readonly outcome: 'redriven' | 'failed' | 'unreadable';
  readonly reason?: string;
}

/**
 * Invokes the function again with the event of each letter, one after another, and deletes a letter only once its run has succeeded. What failed
 * again, or is no dead letter, goes back into the queue when all have been tried.
 */
export async function redriveLetters(
  letters: Letters,
  told: (redriven: Redriven) => void,
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
        // It came back before all were tried: whoever is at it has let it go.
        kept.push(letter);
        break;
      }
      seen.add(letter.id);
      const outcome = await redriveLetter(letters, letter, kept);
      outcomes.push(outcome);
      told(outcome);
    }
  } finally {
    for (const letter of kept) await letter.release().catch(() => {});
  }
  return outcomes;
}

async function redriveLetter(letters: Letters, letter: Letter, kept: Letter[]): Promise<Redriven> {
  // Until it is deleted it is one to give back, whatever happens in between.
  kept.push(letter);
  const found = parseDeadLetter(letter.body);
  if (!found) return { id: letter.id, outcome: 'unreadable', reason: 'it is no dead letter of a function' };
  const failure = await letters.invoke(found.event);
  if (failure !== undefined) return { id: letter.id, outcome: 'failed', reason: failure };
  await letter.delete();
  kept.pop();
  return { id: letter.id, outcome: 'redriven' };
}
