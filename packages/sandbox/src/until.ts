import { setTimeout as delay } from 'node:timers/promises';
import type { TestDatabase } from './test-database.ts';

/** The limit of a wait: long enough for a loaded machine, and shorter than jest's limit for a test. */
const LIMIT_MS = 60_000;
/** The time between two probes: short at first, and longer later to keep the load low. */
const FIRST_STEP_MS = 10;
const LONGEST_STEP_MS = 250;

// How long a test waits, and what its failure says.
interface Patience {
  readonly limitMs?: number;
  /** Returns a sentence that is added to the error. */
  readonly explain?: () => string | Promise<string>;
}

/** Waits until `probe` finds something and returns it; throws an error that names `subject` after the limit. */
export async function until<T>(
  subject: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { limitMs = LIMIT_MS, explain = () => '' }: Patience = {},
): Promise<T> {
  const deadlineMs = Date.now() + limitMs;
  for (let stepMs = FIRST_STEP_MS; ; stepMs = Math.min(2 * stepMs, LONGEST_STEP_MS)) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadlineMs) throw new Error(`${subject}: not within ${limitMs / 1000} s. ${await explain()}`);
    await delay(stepMs);
  }
}

/** Waits until a statement that matches the pattern `like` waits for a lock in the database. */
export async function untilBlocked({ sql }: TestDatabase, like = '%', patience?: Patience): Promise<void> {
  const findWaiting = async () => {
    const waiting = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ilike
        ${like}`;
    return waiting.length > 0;
  };
  await until(`a statement like '${like}' that waits for a lock`, findWaiting, patience);
}
