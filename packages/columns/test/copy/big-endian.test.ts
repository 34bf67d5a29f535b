import fc from 'fast-check';
import { readInt16, readInt32, readInt64, readInt64AsNumber, readUint16 } from '../../src/copy/big-endian.ts';

test('integers are read as Node reads them, at any offset', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.integer({ min: 0, max: 4 }), (bytes, at) => {
      const buffer = Buffer.from(bytes);
      expect(readUint16(bytes, at)).toBe(buffer.readUInt16BE(at));
      expect(readInt16(bytes, at)).toBe(buffer.readInt16BE(at));
      expect(readInt32(bytes, at)).toBe(buffer.readInt32BE(at));
      expect(readInt64(bytes, at)).toBe(buffer.readBigInt64BE(at));
    }),
  );
});

test('a 64-bit integer within ±2^53 is the same number', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64BE(BigInt(value));
      expect(readInt64AsNumber(buffer, 0)).toBe(value);
    }),
  );
});
