import type { Letter, Letters } from '../../src/redrive/aws-letters.ts';
import { type Redriven, redriveLetters } from '../../src/redrive/redrive-letters.ts';

const wrapped = (batch: number) =>
  JSON.stringify({
    version: '1.0',
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { batch },
    responsePayload: { errorMessage: 'as it was' },
  });

/** A queue and a function in memory; `fails` says which batches fail again. */
function inMemory(bodies: readonly string[], fails: (batch: number) => boolean = () => false) {
  const waiting = bodies.map((body, i) => ({ id: `letter-${i + 1}`, body }));
  const hidden = new Map<string, string>();
  const log: string[] = [];
  const letters: Letters = {
    receive: async () => {
      const next = waiting.shift();
      if (!next) return undefined;
      hidden.set(next.id, next.body);
      const letter: Letter = {
        ...next,
        delete: async () => {
          log.push(`delete ${next.id}`);
          hidden.delete(next.id);
        },
        release: async () => {
          waiting.push(next);
          hidden.delete(next.id);
        },
      };
      return letter;
    },
    invoke: async (event) => {
      const { batch } = event as { batch: number };
      log.push(`invoke ${batch}`);
      if (batch === 99) throw new Error('the function does not exist');
      return fails(batch) ? 'it fails again' : undefined;
    },
  };
  return { letters, log, left: () => waiting.map(({ id }) => id).sort(), hidden };
}

const never = new AbortController().signal;
const outcomes = (redriven: readonly Redriven[]) => redriven.map(({ outcome }) => outcome);

test('invokes the function with the event of the letter, and then deletes the letter', async () => {
  const { letters, log, left } = inMemory([wrapped(1), wrapped(2)]);
  const reported: Redriven[] = [];
  expect(outcomes(await redriveLetters(letters, (each) => reported.push(each), never))).toEqual([
    'redriven',
    'redriven',
  ]);
  expect(log).toEqual(['invoke 1', 'delete letter-1', 'invoke 2', 'delete letter-2']);
  expect(reported).toHaveLength(2);
  expect(left()).toEqual([]);
});

test('keeps a letter whose run fails again, tries the rest, and releases it', async () => {
  const { letters, left, hidden } = inMemory([wrapped(1), wrapped(2), wrapped(3)], (batch) => batch === 2);
  expect(await redriveLetters(letters, () => {}, never)).toEqual([
    { id: 'letter-1', outcome: 'redriven' },
    { id: 'letter-2', outcome: 'failed', reason: 'it fails again' },
    { id: 'letter-3', outcome: 'redriven' },
  ]);
  expect(left()).toEqual(['letter-2']);
  expect(hidden.size).toBe(0);
});

test.each(['', 'no JSON', '"text"', '{}', '{"requestPayload":null}', '{"Records":[]}'])(
  'keeps %j, which is no dead letter, and invokes nothing',
  async (body) => {
    const { letters, log, left } = inMemory([body]);
    expect(outcomes(await redriveLetters(letters, () => {}, never))).toEqual(['unreadable']);
    expect(log).toEqual([]);
    expect(left()).toEqual(['letter-1']);
  },
);

test('releases the letter if the function cannot be invoked', async () => {
  const { letters, left } = inMemory([wrapped(99), wrapped(1)]);
  await expect(redriveLetters(letters, () => {}, never)).rejects.toThrow('the function does not exist');
  expect(left()).toEqual(['letter-1', 'letter-2']);
});

test('stops between two letters if it is interrupted', async () => {
  const interruption = new AbortController();
  const { letters, left } = inMemory([wrapped(1), wrapped(2)]);
  await redriveLetters(letters, () => interruption.abort(), interruption.signal);
  expect(left()).toEqual(['letter-2']);
});
