import type { Readable } from 'node:stream';
import type { Connection, Sql } from './pool.ts';

/**
 * Streams what `COPY (…) TO STDOUT` sends, as it comes, no faster than it is read; an error of the server is thrown.
 * Whoever breaks off early has the statement cancelled (a transaction around it is then void) and the connection back.
 */
export async function* copyOut(sql: Sql | Connection, statement: string): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = (await sql.unsafe(statement).readable()) as Readable;
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    await close(stream);
  }
}

/** Waits until the server has been told to stop; a cancellation that comes later might hit the next statement. */
async function close(stream: Readable): Promise<void> {
  if (stream.closed) return;
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  stream.destroy();
  await closed;
}
