import { ErrorCode } from '@totesys/runtime';
import { HEADER, parseHeader } from '../../src/copy/binary-copy.ts';
import { header } from './copy-stream.ts';

test('the tuples begin after the header, or after its extension', () => {
  expect(parseHeader(HEADER)).toBe(19);
  expect(parseHeader(header({ extension: Buffer.from('abc') }))).toBe(22);
  expect(parseHeader(Buffer.concat([HEADER, Buffer.from([0xff, 0xff])]))).toBe(19);
});

test('a header is incomplete until its extension is', () => {
  const whole = header({ extension: Buffer.from('abc') });
  for (let length = 0; length < whole.length; length++) expect(parseHeader(whole.subarray(0, length))).toBeUndefined();
});

test('flags that do not change the format are ignored', () => {
  expect(parseHeader(header({ flags: 0x0000_ffff }))).toBe(19);
});

test.each([
  ['text', Buffer.from('1\tthis is the text format of COPY\n'), /expected its signature, got other bytes/],
  ['a signature whose newline was changed', header({ signature: 'PGCOPY\r\xff\r\n\0' }), /expected its signature/],
  ['tuples with OIDs', header({ flags: 1 << 16 }), /expected tuples without OIDs/],
  ['an unknown critical flag', header({ flags: 1 << 17 }), /expected no critical flag, got flags 0x00020000/],
  ['the highest critical flag', header({ flags: 1 << 31 }), /expected no critical flag, got flags 0x80000000/],
  ['an extension of negative length', header({ extensionBytes: -1 }), /0 bytes or more, got -1/],
])('%s is refused, and none of its bytes are in the message', (_name, bytes, message) => {
  expect(() => parseHeader(bytes)).toThrow(
    expect.objectContaining({ code: ErrorCode.QUERY_FAILED, message: expect.stringMatching(message) }),
  );
  expect(() => parseHeader(bytes)).not.toThrow(/this is the text/);
});
