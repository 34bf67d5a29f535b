// Integers of Postgres' binary formats: big-endian, two's complement.
import { fromWords } from '../arrow/words.ts';

/** Reads an unsigned 16-bit integer. */
export function readUint16(buffer: Uint8Array, at: number): number {
  return (buffer[at]! << 8) | buffer[at + 1]!;
}

/** Reads a 16-bit integer. */
export function readInt16(buffer: Uint8Array, at: number): number {
  return (readUint16(buffer, at) << 16) >> 16;
}

/** Reads a 32-bit integer. */
export function readInt32(buffer: Uint8Array, at: number): number {
  return (buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!;
}

/** Reads a 64-bit integer as a double, which is exact within ±2⁵³. */
export function readInt64AsNumber(buffer: Uint8Array, at: number): number {
  return fromWords(readInt32(buffer, at), readInt32(buffer, at + 4));
}

/** Reads a 64-bit integer. */
export function readInt64(buffer: Uint8Array, at: number): bigint {
  return (BigInt(readInt32(buffer, at)) << 32n) | BigInt(readInt32(buffer, at + 4) >>> 0);
}
