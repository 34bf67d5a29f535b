import { randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import avro, { type Schema, type Type } from 'avsc';

/** The first bytes of an Avro object container file. */
const MAGIC = Buffer.from('Obj\u0001', 'latin1');
const SYNC_BYTES = 16;

/** Avro's 64-bit integers as BigInt: ids of snapshots exceed the integers of a double. */
const long: Type = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (one: bigint, other: bigint) => (one === other ? 0 : one < other ? -1 : 1),
});

const headerType = typeOf({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: MAGIC.length } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: SYNC_BYTES } },
  ],
});
const plainLong = typeOf('long');

/** The content of an Avro file: the schema and the metadata of its header, and its records. */
export interface AvroFile<R> {
  readonly schema: AvroRecordSchema;
  readonly meta: Readonly<Record<string, Buffer>>;
  readonly records: readonly R[];
}

/** A record schema with the ids of Iceberg's fields. */
export interface AvroRecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: unknown; readonly 'field-id'?: number }[];
}

/** Encodes records as an Avro file with one deflated block. The header has the schema as given, with its field ids. */
export function encodeAvro<R>(schema: AvroRecordSchema, meta: Record<string, string>, records: readonly R[]): Buffer {
  const type = typeOf(schema as Schema);
  const sync = randomBytes(SYNC_BYTES);
  const all = { ...meta, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate' };
  const header = headerType.toBuffer({
    magic: MAGIC,
    meta: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, Buffer.from(value)])),
    sync,
  });
  if (records.length === 0) return header;
  const block = deflateRawSync(Buffer.concat(records.map((record) => type.toBuffer(record))));
  const counts = [records.length, block.length].map((count) => plainLong.toBuffer(BigInt(count)));
  return Buffer.concat([header, ...counts, block, sync]);
}

/** Decodes an Avro file; throws for other bytes. */
export function decodeAvro<R>(bytes: Uint8Array): AvroFile<R> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not an Avro file: its first bytes are others');
  const header = decodeAt<{ meta: Record<string, Buffer>; sync: Buffer }>(headerType, buffer, 0);
  const { meta } = header.value;
  const codec = meta['avro.codec']?.toString() ?? 'null';
  if (codec !== 'deflate' && codec !== 'null') throw new Error(`an Avro file with codec '${codec}', expected deflate`);
  const schema = JSON.parse(String(meta['avro.schema'])) as AvroRecordSchema;
  const type = typeOf(schema as Schema);
  const records: R[] = [];
  for (let at = header.offset; at < buffer.length; ) {
    const count = decodeAt<bigint>(plainLong, buffer, at);
    const size = decodeAt<bigint>(plainLong, buffer, count.offset);
    const end = size.offset + Number(size.value);
    const stored = buffer.subarray(size.offset, end);
    const block = codec === 'deflate' ? inflateRawSync(stored) : stored;
    for (let i = 0, from = 0; i < Number(count.value); i++) {
      const record = decodeAt<R>(type, block, from);
      records.push(record.value);
      from = record.offset;
    }
    at = end + SYNC_BYTES;
  }
  return { schema, meta, records };
}

function typeOf(schema: Schema): Type {
  return avro.Type.forSchema(schema, { registry: { long } });
}

function decodeAt<T>(type: Type, buffer: Buffer, at: number): { value: T; offset: number } {
  const { value, offset } = type.decode(buffer, at) as { value: T; offset: number };
  if (offset < 0) throw new Error('an Avro file that is cut off');
  return { value, offset };
}
