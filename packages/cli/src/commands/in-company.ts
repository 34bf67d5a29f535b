import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContext } from '../command-context.ts';

/** How long a run waits for another one that is at work, and how often it looks: milliseconds. */
const WAIT_LIMIT_MS = 60_000;
const WAIT_STEP_MS = 250;

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
  for (let hasSaid = false; ; hasSaid = true) {
    const result = await stage();
    if (result.outcome !== 'yielded' || Date.now() > deadlineMs || interrupted.aborted) return result;
    if (!hasSaid) terminal.complain(`${result.reason}; waiting up to ${WAIT_LIMIT_MS / 1000} s …`);
    await delay(WAIT_STEP_MS);
  }
}
