import { setTimeout as delay } from 'node:timers/promises';
import type { SourceSnapshot } from './source-snapshot.ts';
import { isFlushed } from './sql/read-identity.ts';

/** How long to pause between two looks: milliseconds. */
const PAUSE_MS = 20;

/**
 * Waits until a crash of the source can no longer lose what the snapshot shows: a commit with `synchronous_commit = off` is seen before it is
 * flushed. Its row would come back as it was, with its old transaction id, and no later run would look at it. Mostly there is nothing to
 * wait for; at most three times the source's wal_writer_delay, as the flushed position may rest before what an open transaction wrote.
 */
export async function waitUntilFlushed({ unflushed, connections }: SourceSnapshot): Promise<void> {
  if (!unflushed) return;
  while (performance.now() < unflushed.endsMs) {
    const [row] = await connections[0].unsafe(isFlushed, [unflushed.position]);
    if (row?.flushed === true) return;
    await delay(PAUSE_MS);
  }
}
