import { setTimeout as delay } from 'node:timers/promises';
import { query } from '@totesys/runtime';
import { type FlushedRow, readFlushed } from '../sql/read-identity.ts';
import type { SourceSnapshot } from './source-snapshot.ts';

/** Pause between two reads of the position: milliseconds. */
const PAUSE_MS = 20;

/**
 * Waits until a crash of the source can no longer lose what the snapshot shows: with `synchronous_commit = off` a
 * commit is visible before it is flushed. After a crash its row would be as before, with its old xmin, and no later
 * run would read it. Usually there is nothing to wait for. It waits at most three times the source's
 * wal_writer_delay, because the flushed position may stop before what an open transaction wrote. Returns a WAL
 * position that includes all that the snapshot shows; a standby is compared with it.
 */
export async function waitUntilFlushed({ unflushed, connections, source }: SourceSnapshot): Promise<string> {
  if (!unflushed) return source.walPosition;
  for (;;) {
    const isLast = performance.now() >= unflushed.endsMs;
    const [row] = await query<FlushedRow>(connections[0], { text: readFlushed, parameters: [unflushed.position] });
    if (isLast || row!.reached) return row!.position;
    await delay(PAUSE_MS);
  }
}
