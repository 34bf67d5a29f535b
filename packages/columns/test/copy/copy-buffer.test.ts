import { CHUNK_BYTES, CopyBuffer } from '../../src/copy/copy-buffer.ts';

test('integers are big-endian, and bytes are those of their range', () => {
  const output = new CopyBuffer();
  output.int16(-2);
  output.int32(0x0102_0304);
  output.byte(9);
  output.bytes(Buffer.from('xabcx'), 1, 4);
  expect(output.length).toBe(10);
  expect([...output.take()]).toEqual([0xff, 0xfe, 1, 2, 3, 4, 9, 97, 98, 99]);
});

test('any length fits, and what was taken stays as it is', () => {
  const output = new CopyBuffer();
  const long = Buffer.alloc(3 * CHUNK_BYTES, 'long');
  output.byte(1);
  output.bytes(long, 0, long.length);
  const taken = output.take();
  expect(output.length).toBe(0);
  output.bytes(Buffer.from('other'), 0, 5);
  expect(Buffer.from(taken).equals(Buffer.concat([Buffer.from([1]), long]))).toBe(true);
  expect(Buffer.from(output.take()).toString()).toBe('other');
});
