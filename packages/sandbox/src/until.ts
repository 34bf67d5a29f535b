import { setTimeout as delay } from 'node:timers/promises';
import type { TestDatabase } from './test-database.ts';

/**
 * A loaded machine takes many times as long as a quiet one, and a test of what never comes still ends before jest ends
 * it.
 */
const LIMIT_MS = 60_000;
/** Between two looks: short at first, for what comes at once, and no load on a machine where it takes long. */
const FIRST_STEP_MS = 10;
const LONGEST_STEP_MS = 250;

// How a test waits.
interface Patience {
  readonly limitMs?: number;
  /** What a failure says beside what was waited for. */
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

/** Waits until a statement, of which `like` is a pattern, waits in a database for a lock. */
export async function untilBlocked({ sql }: TestDatabase, like = '%', patience?: Patience): Promise<void> {
  const findWaiting = async () => {
    const waiting = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ilike
        ${like}`;
    return waiting.length > 0;
  };
  await until(`a statement like '${like}' that waits for a lock`, findWaiting, patience);
}
