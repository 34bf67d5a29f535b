import type { Point } from './cloudwatch-model.ts';

/** How long after the end of a run CloudWatch has Lambda's points, and those of our log lines: seconds. */
const LAMBDA_LAG = 120;
const LOG_LAG = 60;
/** How late SQS begins to report a queue that was idle: seconds. */
const QUEUE_LAG = 900;
const MINUTE = 60;

interface Run {
  readonly start: number;
  readonly seconds: number;
  readonly failed?: boolean;
}

/**
 * Points of one metric, by what happens to a stage whose runs may take `timeout` seconds and are begun each `clock`
 * seconds, from second 0 on.
 */
export type Happening = (timeout: number, clock: number) => Point[];

/** For each alarm, where `*` is a stage, what has to set it off. */
export const MUST_TELL: Readonly<Record<string, Readonly<Record<string, Happening>>>> = {
  'errors-*': {
    'three runs that fail at once': (_, clock) => errors(inARow(3, 1, clock), clock),
    'three runs that fail near the end of their time': (timeout, clock) =>
      errors(inARow(3, timeout * 0.95, clock), clock),
    'three runs that are ended at their timeout': (timeout, clock) => errors(inARow(3, timeout, clock), clock),
  },
  'errors-transform': {
    'an event that Lambda tries again after one minute and after two': (timeout, clock) =>
      errors(
        [0, timeout + MINUTE, 2 * timeout + 3 * MINUTE].map((start) => ({ start, seconds: timeout, failed: true })),
        clock,
      ),
  },
  'throttles-*': {
    'three runs that are turned away': (_, clock) =>
      [0, clock, 2 * clock].map((at) => ({ at, seenAt: at + LAMBDA_LAG, value: 1 })),
  },
  'duration-*': {
    'one run of 81 % of its time': (timeout) => durations([{ start: 0, seconds: timeout * 0.81 }]),
    'one run that is ended at its timeout': (timeout) => durations([{ start: 0, seconds: timeout, failed: true }]),
    'one run that begins late in its minute': (timeout) => durations([{ start: 59, seconds: timeout }]),
  },
  'dead-letters': {
    'a letter in a queue whose points come late': () =>
      everyMinute(0, 60).map((at) => ({ at, seenAt: at + QUEUE_LAG, value: 1 })),
    'a letter in a queue that is reported late': () =>
      everyMinute(15, 60).map((at) => ({ at, seenAt: at + 60, value: 1 })),
  },
  'quarantine-*': { 'one run that quarantines a row': (timeout) => ofRuns([{ start: 0, seconds: timeout * 0.9 }], 1) },
  'batch-blocked': {
    'three runs that find it at once': (_, clock) => ofRuns(inARow(3, 1, clock), 1),
    'three runs that find it after minutes': (timeout, clock) => ofRuns(inARow(3, timeout * 0.9, clock), 1),
  },
  'ingest-heartbeat': {
    'runs that stop': () => everyMinute(-30, 0).map((at) => ({ at, seenAt: at + LOG_LAG, value: 1 })),
  },
  freshness: {
    'a batch that waits for an hour': () =>
      everyMinute(0, 60).map((at) => ({ at, seenAt: at + LOG_LAG, value: 3_600 })),
    'runs that stop': () => everyMinute(-30, 0).map((at) => ({ at, seenAt: at + LOG_LAG, value: 0 })),
  },
  'proof-differs': {
    'one proof that finds a difference': (timeout) => ofRuns([{ start: 0, seconds: timeout * 0.9 }], 1),
  },
  'proof-age': {
    'proofs that stop': (_, clock) =>
      everyMinute(-240, 0)
        .filter((at) => at % clock === 0)
        .map((at) => ({ at, seenAt: at + LOG_LAG, value: 1 })),
  },
  'fence-age': { 'a transaction of two hours': (timeout) => ofRuns([{ start: 0, seconds: timeout * 0.9 }], 7_200) },
};

/** The stage of each alarm that has no stage in its name and is not of ingest. */
export const STAGE_OF: Readonly<Record<string, string>> = {
  'batch-blocked': 'load',
  'proof-differs': 'reconcile',
  'proof-age': 'reconcile',
};

/** What must set off none. */
export const MUST_BE_QUIET: typeof MUST_TELL = {
  'errors-*': {
    'one run that fails': (timeout, clock) => errors([{ start: 0, seconds: timeout * 0.5, failed: true }], clock),
    'runs that succeed': (_, clock) => errors([], clock),
  },
  'duration-*': { 'a run of 79 % of its time': (timeout) => durations([{ start: 0, seconds: timeout * 0.79 }]) },
  'batch-blocked': { 'one run': () => ofRuns([{ start: 0, seconds: 1 }], 1) },
  'proof-age': {
    'one proof that fails, between proofs of full length': (timeout, clock) =>
      ofRuns(
        [-4, -3, -2, -1, 0, 2, 3].map((run) => ({ start: run * clock, seconds: timeout })),
        1,
      ),
  },
};

// One after another: a tick that meets the end of a run still yields to it.
function inARow(count: number, seconds: number, clock: number): Run[] {
  return Array.from({ length: count }, (_, i) => ({
    start: i * (Math.floor(seconds / clock) + 1) * clock,
    seconds,
    failed: true,
  }));
}

function everyMinute(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => (from + i) * MINUTE);
}

// With each tick another run begins, yields to the one at work and succeeds at once: its points are newer than those of
// the long run.
function withTicks(runs: readonly Run[], clock: number): Run[] {
  const ticks = everyMinute(-30, 120).filter((start) => start % clock === 0);
  return [...runs, ...ticks.map((start) => ({ start, seconds: 1 }))];
}

function errors(runs: readonly Run[], clock: number): Point[] {
  return withTicks(runs, clock).map((run) => ofLambda(run, run.failed ? 1 : 0));
}

function durations(runs: readonly Run[]): Point[] {
  return withTicks(runs, MINUTE).map((run) => ofLambda(run, run.seconds * 1_000));
}

// Stamped with the start of the invocation.
function ofLambda({ start, seconds }: Run, value: number): Point {
  return { at: start, seenAt: start + seconds + LAMBDA_LAG, value };
}

// Stamped with the end of the run, as our metrics are.
function ofRuns(runs: readonly Run[], value: number): Point[] {
  return runs.map(({ start, seconds }) => ({ at: start + seconds, seenAt: start + seconds + LOG_LAG, value }));
}
