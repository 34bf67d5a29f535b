import { setTimeout as delay } from 'node:timers/promises';
import { inTransaction, type Pool, query, READ_COMMITTED } from '@totesys/runtime';
import { assignTransactionId, type FlushedRow, readFlushed } from '../sql/read-identity.ts';
import type { SourceSnapshot } from './source-snapshot.ts';

/** Pause between two reads of the position: milliseconds. */
const PAUSE_MS = 20;
/** The time after which a run that must not wait for long makes the server flush: milliseconds. */
const SOON_MS = 50;

/** How far a source has flushed its WAL. */
export interface FlushedWal {
  /** The flushed position: bytes. If `isReached`, it includes all that the snapshot shows. */
  readonly position: string;
  /** Whether a crash keeps everything that the snapshot shows; false if the wait timed out. */
  readonly isReached: boolean;
}

/**
 * Waits until a crash of the source can no longer lose what the snapshot shows: with `synchronous_commit = off` a
 * commit is visible before it is flushed. After a crash its row would be as before, with its old xmin, and no later
 * run would read it. Usually there is nothing to wait for. It waits at most three times the source's
 * wal_writer_delay, because the flushed position may stop before what an open transaction wrote.
 */
export async function waitUntilFlushed({ unflushed, connections, source }: SourceSnapshot): Promise<FlushedWal> {
  // A standby shows only what is flushed.
  if (!unflushed) return { position: source.walPosition, isReached: true };
  for (;;) {
    const isLast = performance.now() >= unflushed.endsMs;
    const [row] = await query<FlushedRow>(connections[0], { text: readFlushed, parameters: [unflushed.position] });
    if (isLast || row!.reached) return { position: row!.position, isReached: row!.reached };
    await delay(PAUSE_MS);
  }
}

/**
 * Waits like `waitUntilFlushed`, but after 50 ms commits a transaction that has an id and changes nothing: the server
 * flushes that commit, and all WAL before it. Without it, WAL of an open transaction may stay unflushed for long, and
 * no function of the server shows that this WAL has no commit.
 */
export async function flushSnapshot(source: Pool, snapshot: SourceSnapshot): Promise<FlushedWal> {
  const { unflushed } = snapshot;
  if (!unflushed) return await waitUntilFlushed(snapshot);
  const soon = { ...unflushed, endsMs: performance.now() + SOON_MS };
  const flushed = await waitUntilFlushed({ ...snapshot, unflushed: soon });
  if (flushed.isReached) return flushed;
  await inTransaction(source, READ_COMMITTED, (connection) => query(connection, { text: assignTransactionId }));
  return await waitUntilFlushed({
    ...snapshot,
    unflushed: { ...unflushed, endsMs: performance.now() + unflushed.limitMs },
  });
}
