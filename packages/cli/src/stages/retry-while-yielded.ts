import { setTimeout as delay } from 'node:timers/promises';
import type { HolderLimits } from '@totesys/runtime';
import type { CommandContext } from '../process/command-context.ts';

/** How long a run waits for another run of the same stage: milliseconds. */
const WAIT_LIMIT_MS = 60_000;
/** The first and the longest pause between two attempts: most runs end soon, and a long run is not checked often. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** A result of a stage, which may have yielded to another run. */
interface StageResult {
  readonly outcome: string;
  readonly reason?: string;
}

/** The limits of a stage that ends another run which has died. */
export interface StageLimits {
  readonly holderLimits?: HolderLimits;
}

/** Limits under which no other run counts as dead. */
const WAIT_FOR_ANY: StageLimits = { holderLimits: { staleMs: Number.POSITIVE_INFINITY, betweenMs: 0 } };

/**
 * Runs a stage until it no longer yields to another run, for at most 60 s, and reports once that it waits. Only the
 * last try checks whether the other run is still alive.
 */
export async function retryWhileYielded<R extends StageResult>(
  { interrupted, terminal }: CommandContext,
  runStage: (limits: StageLimits) => Promise<R>,
): Promise<R> {
  const deadlineMs = Date.now() + WAIT_LIMIT_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const isLast = Date.now() > deadlineMs;
    const result = await runStage(isLast ? {} : WAIT_FOR_ANY);
    if (result.outcome !== 'yielded' || isLast || interrupted.aborted) return result;
    if (pauseMs === FIRST_PAUSE_MS) terminal.log(`${result.reason}; waiting up to ${WAIT_LIMIT_MS / 1000} s …`);
    await delay(pauseMs);
  }
}
