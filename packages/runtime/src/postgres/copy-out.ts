import type { Readable } from 'node:stream';
import { type Runner, send } from './driver.ts';

/**
 * Streams what `COPY (…) TO STDOUT` sends, as it comes, no faster than it is read; an error of the server is thrown.
 * Whoever breaks off early has the statement cancelled (a transaction around it is then void) and the connection back.
 */
export async function* copyOut(runner: Runner, statement: string): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = await send(runner, statement).readable();
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
