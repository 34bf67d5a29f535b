import { setTimeout as delay } from 'node:timers/promises';
import { Interrupted } from '../process/interrupted.ts';
import { backOffMs } from './back-off.ts';
import { endsRepetition } from './ends-repetition.ts';

/** What one of the repeated runs did, as far as the repetition needs it. */
export interface RunEnd {
  /** Whether more work waits, so that the next run follows without a pause. */
  readonly hasMore: boolean;
  /** The errors of its stages; empty if the run succeeded. */
  readonly faults: readonly unknown[];
}

/** The time of this process and the randomness of its pauses. */
export interface Clock {
  /** The time since a fixed moment, in milliseconds; it never goes back. */
  now(): number;
  /** Waits, in milliseconds; rejects when the signal is aborted. */
  wait(timeMs: number, signal: AbortSignal): Promise<unknown>;
  /** Returns a number from 0 to 1. */
  random(): number;
}

/** The clock of the machine. */
export const MACHINE_CLOCK: Clock = {
  now: () => performance.now(),
  wait: (timeMs, signal) => delay(timeMs, undefined, { signal }),
  random: Math.random,
};

/** What is repeated, and how often. */
export interface Repetition<R extends RunEnd> {
  readonly intervalMs: number;
  /** Ends the repetition, also during a pause. */
  readonly interrupted: AbortSignal;
  /** Does one run; it reports the errors of its stages in its result and never rejects. */
  run(): Promise<R>;
  /** Called after each run with the pause until the next one, in milliseconds. */
  report(end: R, pauseMs: number): void;
  /** Called after a failed run, before the pause: releases what the next run must not use again. */
  reset(): Promise<void>;
}

/**
 * Repeats runs at an interval, never two at once: a run that takes longer is followed at once by the next. After a
 * failed run the pause is at least that of the back-off. Throws the first error that no repetition removes, or
 * Interrupted.
 */
export async function repeatRuns<R extends RunEnd>(repetition: Repetition<R>, clock = MACHINE_CLOCK): Promise<never> {
  const { intervalMs, interrupted, run, report, reset } = repetition;
  for (let failures = 0; ; ) {
    const startedMs = clock.now();
    const end = await run();
    if (interrupted.aborted) throw new Interrupted();
    const isFailed = end.faults.length > 0;
    failures = isFailed ? failures + 1 : 0;
    const restMs = Math.max(0, startedMs + intervalMs - clock.now());
    const pauseMs = isFailed ? Math.max(restMs, backOffMs(failures, clock.random)) : end.hasMore ? 0 : restMs;
    report(end, pauseMs);
    const lasting = end.faults.find(endsRepetition);
    if (lasting !== undefined) throw lasting;
    if (isFailed) await reset();
    await clock.wait(pauseMs, interrupted).catch((error: unknown) => {
      throw interrupted.aborted ? new Interrupted() : error;
    });
  }
}
