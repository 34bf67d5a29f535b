import type { Readable } from 'node:stream';
import { type Runner, send } from './driver.ts';

/**
 * Streams the output of `COPY (…) TO STDOUT`, no faster than it is read; throws an error of the server. A caller that
 * stops early cancels the statement (which fails the transaction around it) and keeps the connection.
 */
export async function* copyOut(runner: Runner, statement: string): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = await send(runner, statement).readable();
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    await close(stream);
  }
}

/** Waits until the cancellation has been sent; a later one could cancel the next statement. */
async function close(stream: Readable): Promise<void> {
  if (stream.closed) return;
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  stream.destroy();
  await closed;
}
