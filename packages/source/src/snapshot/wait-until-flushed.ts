import { setTimeout as delay } from 'node:timers/promises';
import { readFlushed } from '../sql/read-identity.ts';
import type { SourceSnapshot } from './source-snapshot.ts';

/** How long to pause between two looks: milliseconds. */
const PAUSE_MS = 20;

/**
 * Waits until a crash of the source can no longer lose what the snapshot shows: a commit with `synchronous_commit = off` is seen before it is
 * flushed. Its row would come back as it was, with its old transaction id, and no later run would look at it. Mostly there is nothing to
 * wait for; at most three times the source's wal_writer_delay, as the flushed position may rest before what an open transaction wrote.
 * Gives a WAL position that has all of it, for a standby to be measured by.
 */
export async function waitUntilFlushed({ unflushed, connections, source }: SourceSnapshot): Promise<string> {
  if (!unflushed) return source.walPosition;
  for (;;) {
    const isLast = performance.now() >= unflushed.endsMs;
    const [row] = await connections[0].unsafe(readFlushed, [unflushed.position]);
    if (isLast || row?.reached === true) return row?.position;
    await delay(PAUSE_MS);
  }
}
