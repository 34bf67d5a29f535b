/** The size above which joined chunks are passed on: bytes. */
const JOINED_BYTES = 256 * 1024;

/** Joins small chunks into large ones: the driver returns one chunk a row, and one message a row would be slow. */
export async function* joinChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes < JOINED_BYTES) continue;
    yield Buffer.concat(waiting, sizeBytes);
    waiting = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0) yield Buffer.concat(waiting, sizeBytes);
}
