import { SHORT_TEXT_BYTES } from '../arrow/column-builder.ts';

/** Bytes to send at once: few enough for a CPU's cache, and many enough that the cost of a call does not matter. */
export const CHUNK_BYTES = 256 * 1024;

/** Gathers bytes to send; integers are big-endian. */
export class CopyBuffer {
  length = 0;
  #buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);

  /** Appends the low 16 bits of an integer. */
  int16(value: number): void {
    this.reserve(2);
    this.#buffer[this.length++] = value >> 8;
    this.#buffer[this.length++] = value;
  }

  /** Appends the low 32 bits of an integer. */
  int32(value: number): void {
    this.reserve(4);
    const at = this.length;
    this.#buffer[at] = value >> 24;
    this.#buffer[at + 1] = value >> 16;
    this.#buffer[at + 2] = value >> 8;
    this.#buffer[at + 3] = value;
    this.length += 4;
  }

  /** Appends a byte. */
  byte(value: number): void {
    this.reserve(1);
    this.#buffer[this.length++] = value;
  }

  /** Appends the bytes of `source` from `start` to `end`. */
  bytes(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    if (end - start < SHORT_TEXT_BYTES) {
      for (let i = start, at = this.length; i < end; i++, at++) this.#buffer[at] = source[i]!;
    } else this.#buffer.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** Returns all bytes so far and continues in a new buffer, because the socket may still hold this one. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.length);
    this.#buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
    this.length = 0;
    return taken;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.length + bytes, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.length));
    this.#buffer = larger;
  }
}
