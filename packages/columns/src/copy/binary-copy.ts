// The binary format of COPY: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { readInt32 } from './big-endian.ts';

/** The bytes that begin a stream. */
export const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const FLAGS_AT = SIGNATURE.length;
const EXTENSION_LENGTH_AT = FLAGS_AT + 4;
const EXTENSION_AT = EXTENSION_LENGTH_AT + 4;
// Flag 16: each tuple begins with an OID, as servers up to Postgres 11 could send it.
const OIDS_FLAG = 1 << 16;
// Flags 16 to 31 change the format: a reader fails on one that it does not know. It ignores flags 0 to 15.
const CRITICAL_FLAGS = 0xffff << 16;

/** A header without flags and without an extension. */
export const HEADER = Buffer.concat([SIGNATURE, Buffer.alloc(EXTENSION_AT - SIGNATURE.length)]);
/** A tuple begins with the count of its fields: 16 bits. */
export const FIELD_COUNT_BYTES = 2;
/** A field begins with the length of its value: 32 bits. */
export const FIELD_LENGTH_BYTES = 4;
/** The length of a null, which has no bytes. */
export const NULL_LENGTH = -1;
/** The field count that ends a stream. */
export const TRAILER_FIELD_COUNT = -1;

/** Returns the offset of the first tuple, or undefined while the header is incomplete. Throws on a wrong header. */
export function parseHeader(buffer: Uint8Array): number | undefined {
  if (buffer.length < EXTENSION_AT) return undefined;
  if (SIGNATURE.compare(buffer, 0, SIGNATURE.length) !== 0) {
    throw wrongHeader('expected its signature, got other bytes');
  }
  const flags = readInt32(buffer, FLAGS_AT);
  if ((flags & OIDS_FLAG) !== 0) throw wrongHeader('expected tuples without OIDs, got the flag for OIDs');
  if ((flags & CRITICAL_FLAGS) !== 0) {
    throw wrongHeader(`expected no critical flag, got flags 0x${(flags >>> 0).toString(16).padStart(8, '0')}`);
  }
  const extensionBytes = readInt32(buffer, EXTENSION_LENGTH_AT);
  if (extensionBytes < 0) throw wrongHeader(`expected a header extension of 0 bytes or more, got ${extensionBytes}`);
  const end = EXTENSION_AT + extensionBytes;
  return buffer.length < end ? undefined : end;
}

function wrongHeader(fault: string): PipelineError {
  return new PipelineError(
    ErrorCode.QUERY_FAILED,
    `A COPY of the source does not begin with the header of Postgres' binary format: ${fault}. ` +
      'Check what answers at the address of the source: a proxy or another kind of server may send such a header.',
  );
}
