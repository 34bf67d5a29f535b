import { ErrorCode, PipelineError } from '@totesys/runtime';
import { Interrupted } from '../../src/process/interrupted.ts';
import { type Clock, type RunEnd, repeatRuns } from '../../src/repeat/repeat-runs.ts';

const lost = new PipelineError(ErrorCode.CONNECTION_FAILED, 'lost');
const schema = new PipelineError(ErrorCode.SOURCE_COLUMN_MISSING, 'renamed');

/** A run of a script: how long it takes in milliseconds, and how it ends. */
interface Planned {
  readonly takesMs: number;
  readonly end?: Partial<RunEnd>;
}

// A clock that only runs and pauses move. When the script is over, the process is interrupted during the pause.
function play(script: readonly Planned[], intervalMs = 1_000) {
  const interruption = new AbortController();
  const starts: number[] = [];
  const pauses: number[] = [];
  let [nowMs, resets, running] = [0, 0, 0];
  const clock: Clock = {
    now: () => nowMs,
    random: () => 1,
    wait: async (timeMs, signal) => {
      if (starts.length === script.length) interruption.abort();
      signal.throwIfAborted();
      nowMs += timeMs;
    },
  };
  const run = async (): Promise<RunEnd> => {
    expect(++running).toBe(1);
    const { takesMs, end } = script[starts.length]!;
    starts.push(nowMs);
    await Promise.resolve();
    nowMs += takesMs;
    running--;
    return { hasMore: false, faults: [], ...end };
  };
  const ended = repeatRuns(
    {
      intervalMs,
      interrupted: interruption.signal,
      run,
      report: (_end, pauseMs) => void pauses.push(pauseMs),
      reset: async () => void resets++,
    },
    clock,
  ).catch((error: unknown) => error);
  return { ended, starts, pauses, interruption, resets: () => resets };
}

test('runs start at the interval, and one that takes longer is followed at once', async () => {
  const { ended, starts } = play([{ takesMs: 200 }, { takesMs: 2_500 }, { takesMs: 0 }, { takesMs: 0 }]);
  expect(await ended).toBeInstanceOf(Interrupted);
  expect(starts).toEqual([0, 1_000, 3_500, 4_500]);
});

test('a run after which more waits is followed at once', async () => {
  const { ended, starts } = play([{ takesMs: 100, end: { hasMore: true } }, { takesMs: 100 }, { takesMs: 100 }]);
  await ended;
  expect(starts).toEqual([0, 100, 1_100]);
});

test('the pause grows with each failed run in sequence, and success starts the back-off again', async () => {
  const failed: Planned = { takesMs: 0, end: { faults: [lost], hasMore: true } };
  const { ended, pauses, resets } = play([failed, failed, failed, { takesMs: 0 }, failed, { takesMs: 0 }]);
  await ended;
  expect(pauses).toEqual([1_000, 2_000, 4_000, 1_000, 1_000, 1_000]);
  expect(resets()).toBe(4);
});

test('the back-off of a long interval is the interval', async () => {
  const { ended, pauses } = play([{ takesMs: 0, end: { faults: [lost] } }, { takesMs: 0 }], 300_000);
  await ended;
  expect(pauses).toEqual([300_000, 300_000]);
});

test('an error that no repetition removes ends the repetition, also as the second error of a run', async () => {
  const { ended, starts } = play([{ takesMs: 0, end: { faults: [lost, schema] } }, { takesMs: 0 }]);
  expect(await ended).toBe(schema);
  expect(starts).toEqual([0]);
});

test('an interruption during a run ends the repetition, whatever the run reports', async () => {
  const { ended, interruption, pauses } = play([{ takesMs: 0, end: { faults: [schema] } }]);
  interruption.abort();
  expect(await ended).toBeInstanceOf(Interrupted);
  expect(pauses).toEqual([]);
});
