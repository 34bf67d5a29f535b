import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContext } from '../command-context.ts';

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

/** Runs a stage until it no longer yields to another run that is at work, for so long at most; that it waits is said once. */
export async function inCompany<R extends StageEnd>(
  { interrupted, terminal }: CommandContext,
  stage: () => Promise<R>,
): Promise<R> {
  const deadlineMs = Date.now() + WAIT_LIMIT_MS;
  for (let stepMs = FIRST_STEP_MS; ; stepMs = Math.min(2 * stepMs, LAST_STEP_MS)) {
    const result = await stage();
    if (result.outcome !== 'yielded' || Date.now() > deadlineMs || interrupted.aborted) return result;
    if (stepMs === FIRST_STEP_MS) terminal.complain(`${result.reason}; waiting up to ${WAIT_LIMIT_MS / 1000} s …`);
    await delay(stepMs);
  }
}
