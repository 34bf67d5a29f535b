import { ErrorCode } from '@totesys/runtime';
import { date, integer, text } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { columnDecoder } from '../../src/copy/column-decoder.ts';
import { CopyDecoder, type CopyDecoding } from '../../src/copy/copy-decoder.ts';
import { header, int32, int64, TRAILER, tuple } from './copy-stream.ts';

const INFINITY = int32(0x7fff_ffff);

function decoderOf(decoding: Partial<CopyDecoding> = {}) {
  const columns = [columnDecoder('id', integer()), columnDecoder('name', text()), columnDecoder('day', date())];
  const decoder = new CopyDecoder(columns, {
    table: 't',
    bigKeys: false,
    rejectRows: true,
    visit: () => true,
    ...decoding,
  });
  const rows = () => {
    const values = columns.map(({ builder }) => [...arrow.makeVector(builder.finish())]);
    return values[0]!.map((id, row) => [id, values[1]![row], values[2]![row] === null ? null : 'day']);
  };
  return { decoder, rows };
}

const row = (id: number, name: string | undefined, day: Buffer | undefined = int32(0)) =>
  tuple(int32(700 + id), int32(id), int32(id), name === undefined ? undefined : Buffer.from(name), day);

test('chunks may end anywhere, in an extended header too', () => {
  const stream = Buffer.concat([
    header({ extension: Buffer.from('skipped') }),
    row(1, '🧵'),
    row(2, undefined),
    TRAILER,
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 30 }), (cuts) => {
      const { decoder, rows } = decoderOf();
      const ends = [...cuts.sort((a, b) => a - b), stream.length];
      ends.forEach((end, i) => {
        // The socket may use its buffer again: what the decoder keeps must be its own.
        const chunk = Buffer.from(stream.subarray(ends[i - 1] ?? 0, end));
        decoder.push(chunk);
        chunk.fill(0xee);
      });
      decoder.end();
      expect(decoder.rows).toBe(2);
      expect(rows()).toEqual([
        [1, '🧵', 'day'],
        [2, null, 'day'],
      ]);
    }),
  );
});

test('visits each row by its 32 bits of xmin and its key, and decodes those that the visitor wants', () => {
  const visited: [number, number][] = [];
  const visit = (xmin: number, key: number) => {
    visited.push([xmin, key]);
    return key === -2;
  };
  const { decoder, rows } = decoderOf({ visit });
  const old = tuple(int32(-1), int32(-2), int32(5), Buffer.from('x'), int32(0));
  decoder.push(Buffer.concat([header(), row(1, 'a'), old, TRAILER]));
  expect(visited).toEqual([
    [701, 1],
    [4_294_967_295, -2],
  ]);
  expect(rows()).toEqual([[5, 'x', 'day']]);
});

test('keys may be bigints within ±2^53', () => {
  const keys: number[] = [];
  const { decoder } = decoderOf({ bigKeys: true, visit: (_xmin, key) => keys.push(key) < 0 });
  const keyed = (key: bigint) => tuple(int32(1), int64(key), undefined, undefined, undefined);
  decoder.push(Buffer.concat([header(), keyed(2n ** 53n - 1n), keyed(-(2n ** 53n) + 1n)]));
  expect(keys).toEqual([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
  expect(() => decoder.push(keyed(2n ** 53n))).toThrow(
    expect.objectContaining({ code: ErrorCode.SOURCE_COLUMN_RETYPED, message: expect.stringContaining('±2^53') }),
  );
});

test('a key that is null is an error with the name of the table', () => {
  const { decoder } = decoderOf();
  expect(() => decoder.push(Buffer.concat([header(), tuple(int32(1), undefined, int32(1))]))).toThrow(
    expect.objectContaining({ code: ErrorCode.SOURCE_KEY_DUPLICATE, message: expect.stringContaining("Table 't'") }),
  );
});

test('a row with a value that Arrow cannot carry is left out and listed', () => {
  const { decoder, rows } = decoderOf({ rejectRows: true });
  decoder.push(Buffer.concat([header(), row(1, 'a'), row(2, 'b', INFINITY), row(3, 'c'), TRAILER]));
  expect(decoder.uncarriable).toEqual([{ key: 2, column: 'day', reason: 'infinity' }]);
  expect(decoder.rows).toBe(2);
  expect(rows().map(([id]) => id)).toEqual([1, 3]);
});

test('without rejectRows such a value is null and its row stays', () => {
  const { decoder, rows } = decoderOf({ rejectRows: false });
  decoder.push(Buffer.concat([header(), row(2, 'b', INFINITY), TRAILER]));
  expect(decoder.uncarriable).toEqual([{ key: 2, column: 'day', reason: 'infinity' }]);
  expect(rows()).toEqual([[2, 'b', null]]);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['half a header', header().subarray(0, 12)],
  ['a header', header()],
  ['half a row', Buffer.concat([header(), row(1, 'a').subarray(0, 20)])],
  ['rows without a trailer', Buffer.concat([header(), row(1, 'a')])],
])('a stream that ends after %s was cut', (_name, bytes) => {
  const { decoder } = decoderOf();
  decoder.push(bytes);
  expect(() => decoder.end()).toThrow(
    expect.objectContaining({ code: ErrorCode.QUERY_FAILED, message: expect.stringContaining('expected its trailer') }),
  );
});

test('a header that is not of the binary format is an error before any row', () => {
  const { decoder } = decoderOf({ visit: () => fail() });
  const fail = () => {
    throw new Error('visited a row');
  };
  expect(() => decoder.push(Buffer.concat([header({ flags: 1 << 16 }), row(1, 'a'), TRAILER]))).toThrow(/OIDs/);
});

test('a negative number of fields is an error, unless it is the trailer', () => {
  const { decoder } = decoderOf();
  const damaged = Buffer.concat([header(), Buffer.from([0x80, 0x00]), row(1, 'a')]);
  expect(() => decoder.push(damaged)).toThrow(
    expect.objectContaining({ code: ErrorCode.QUERY_FAILED, message: expect.stringContaining('-32768 fields') }),
  );
});

test.each([true, false])('names the rows that the server marks; rejectRows %p', (rejectRows) => {
  const { decoder, rows } = decoderOf({ hasMark: true, rejectRows });
  const marked = (id: number, mark: Buffer | undefined) =>
    tuple(int32(1), int32(id), int32(id), undefined, int32(0), mark);
  decoder.push(Buffer.concat([header(), marked(1, undefined), marked(2, Buffer.from([1])), TRAILER]));
  expect(decoder.marked).toEqual([2]);
  expect(rows().map(([id]) => id)).toEqual(rejectRows ? [1] : [1, 2]);
});
