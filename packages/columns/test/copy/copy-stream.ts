/** Returns a COPY header; each part may be given otherwise. */
export function header({
  signature = 'PGCOPY\n\xff\r\n\0',
  flags = 0,
  extension = Buffer.alloc(0),
  extensionBytes = extension.length,
}: {
  signature?: string;
  flags?: number;
  extension?: Buffer;
  extensionBytes?: number;
} = {}): Buffer {
  return Buffer.concat([Buffer.from(signature, 'latin1'), int32(flags), int32(extensionBytes), extension]);
}

/** Returns a tuple of fields; undefined is null. */
export function tuple(...fields: readonly (Buffer | undefined)[]): Buffer {
  const parts = fields.flatMap((field) => (field ? [int32(field.length), field] : [int32(-1)]));
  return Buffer.concat([int16(fields.length), ...parts]);
}

/** The field count that ends a stream. */
export const TRAILER = Buffer.from([0xff, 0xff]);

/** Returns a 16-bit integer. */
export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value & 0xffff);
  return bytes;
}

/** Returns a 32-bit integer. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

/** Returns a 64-bit integer. */
export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

/** Returns a `numeric` by its sign and the weight of its first digit of base 10,000. */
export function numericBytes(sign: number, weight: number, digits: readonly number[], scale = 0): Buffer {
  return Buffer.concat([digits.length, weight, sign, scale, ...digits].map(int16));
}
