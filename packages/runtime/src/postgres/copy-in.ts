import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { type Runner, send } from './driver.ts';

/** One CopyData message is at most this long, so that the client's buffer stays small: bytes. */
const MESSAGE_BYTES = 256 * 1024;

/**
 * Streams `chunks` into `COPY … FROM STDIN`, no faster than the server reads them, and waits for its answer. An error
 * of the server rejects at once; an error of `chunks` cancels the COPY and rejects with that error.
 */
export async function copyIn(
  runner: Runner,
  statement: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const stream = await send(runner, statement).writable();
  const answer = finished(stream);
  // The server may fail while `chunks` is awaited; the error is thrown below, not as an unhandled rejection.
  answer.catch(() => {});
  try {
    await Promise.race([sendChunks(chunks, stream), answer]);
  } catch (error) {
    // CopyFail writes this text to the server's log, so it has no row values.
    if (!stream.destroyed) stream.destroy(new Error('the source of the rows failed'));
    await answer.catch(() => {});
    throw error;
  }
  stream.end();
  await answer;
}

async function sendChunks(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, stream: Writable): Promise<void> {
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += MESSAGE_BYTES) {
      if (stream.destroyed) return;
      if (stream.write(chunk.subarray(from, from + MESSAGE_BYTES))) continue;
      await once(stream, 'drain');
      // A socket that accepts everything at once never yields to the event loop, and the server's error would stay
      // unread.
      await eventLoopTurn();
    }
  }
}
