import { setTimeout as delay } from 'node:timers/promises';
import type { HolderLimits } from '@totesys/runtime';
import type { CommandContext } from '../process/command-context.ts';

/** How long a run waits for another one that is at work: milliseconds. */
const WAIT_LIMIT_MS = 60_000;
/** How soon it looks again, at first and at last: most others are soon done, and one that is not is not asked hundreds of times: milliseconds. */
const FIRST_STEP_MS = 250;
const LAST_STEP_MS = 5_000;

/** A stage run that may have left its work to another one. */
interface StageEnd {
  readonly outcome: string;
  readonly reason?: string;
}

/** Until the last try, no other run counts as dead. */
const WAITS: { readonly holderLimits?: HolderLimits } = {
  holderLimits: { staleMs: Number.POSITIVE_INFINITY, betweenMs: 0 },
};

/**
 * Runs a stage again and again until it no longer yields to another run, for at most 60 s; reports once that it waits. It waits for a run that has
 * died, too: only the last try checks whether the other run is alive.
 */
export async function inCompany<R extends StageEnd>(
  { interrupted, terminal }: CommandContext,
  stage: (limits: { readonly holderLimits?: HolderLimits }) => Promise<R>,
): Promise<R> {
  const deadlineMs = Date.now() + WAIT_LIMIT_MS;
  for (let stepMs = FIRST_STEP_MS; ; stepMs = Math.min(2 * stepMs, LAST_STEP_MS)) {
    const isLast = Date.now() > deadlineMs;
    const result = await stage(isLast ? {} : WAITS);
    if (result.outcome !== 'yielded' || isLast || interrupted.aborted) return result;
    if (stepMs === FIRST_STEP_MS) terminal.complain(`${result.reason}; waiting up to ${WAIT_LIMIT_MS / 1000} s …`);
    await delay(stepMs);
  }
}
