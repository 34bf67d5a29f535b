import { setTimeout as sleep } from 'node:timers/promises';

const STEP_MS = 250;

/** Waits until `probe` finds something and gives it; what never comes within the limit is named by `subject`. */
export async function until<T>(
  subject: string,
  limitMs: number,
  probe: () => Promise<T | undefined | false>,
  explain: () => Promise<string> = async () => '',
): Promise<T> {
  const deadlineMs = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadlineMs) throw new Error(`${subject}: not within ${limitMs / 1000} s. ${await explain()}`);
    await sleep(STEP_MS);
  }
}
