import { ErrorCode } from '@totesys/runtime';
import { integer, numeric, text, time, timestamp, type WarehouseColumn } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import { CHUNK_BYTES } from '../../src/copy/copy-buffer.ts';
import { encodeCopy } from '../../src/copy/copy-encoder.ts';
import { recordBatchOf } from '../record-batch-of.ts';
import { header, int32, int64, TRAILER, tuple } from './copy-stream.ts';

const ID = { name: 'id', type: integer() };
const NAME = { name: 'name', type: text() };

async function encode(
  rows: readonly arrow.RecordBatch[],
  columns: Parameters<typeof encodeCopy>[1],
  firstNumber?: number,
): Promise<Buffer[]> {
  async function* recordBatches() {
    yield* rows;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of encodeCopy(recordBatches(), columns, firstNumber)) chunks.push(Buffer.from(chunk));
  return chunks;
}

test('a stream is a header, a tuple for each row of every record batch, and a trailer', async () => {
  const rows = [recordBatchOf([ID, NAME], [{ id: 1, name: 'a' }, { id: 2 }]), recordBatchOf([ID, NAME], [{ id: 3 }])];
  expect(Buffer.concat(await encode(rows, [NAME, ID]))).toEqual(
    Buffer.concat([
      header(),
      tuple(Buffer.from('a'), int32(1)),
      tuple(undefined, int32(2)),
      tuple(undefined, int32(3)),
      TRAILER,
    ]),
  );
});

test('with a first number, rows are numbered from it across record batches', async () => {
  const rows = [[4, 5], [6]].map((ids) =>
    recordBatchOf(
      [ID],
      ids.map((id) => ({ id })),
    ),
  );
  const tuples = [4, 5, 6].map((id, i) => tuple(int32(2_147_483_000 + i), int32(id)));
  expect(Buffer.concat(await encode(rows, [ID], 2_147_483_000))).toEqual(Buffer.concat([header(), ...tuples, TRAILER]));
});

test('no rows are a header and a trailer', async () => {
  expect(Buffer.concat(await encode([], [ID]))).toEqual(Buffer.concat([header(), TRAILER]));
});

test('a time of the warehouse comes from the timestamp of the lake', async () => {
  const column: WarehouseColumn = {
    name: 'created_time',
    type: time(),
    nullable: true,
    derivation: { kind: 'timeOf', column: 'created_at' },
  };
  const rows = recordBatchOf([{ name: 'created_at', type: timestamp(6) }], [{ created_at: 1n }]);
  expect(Buffer.concat(await encode([rows], [column]))).toEqual(Buffer.concat([header(), tuple(int64(1n)), TRAILER]));
});

test('bytes come in chunks of bounded size', async () => {
  const name = 'x'.repeat(1000);
  const rows = recordBatchOf(
    [NAME],
    Array.from({ length: 1000 }, () => ({ name })),
  );
  const chunks = await encode([rows], [NAME]);
  expect(chunks.length).toBeGreaterThan(3);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(CHUNK_BYTES + 2000);
});

test.each([
  ['of another type', numeric(10, 2), 'expected Decimal[10e+2], got Int32'],
  ['that the part lacks', text(), 'expected Utf8, got no such column'],
])('a column %s is an error', async (_fault, type, message) => {
  const column = { name: type.kind === 'text' ? 'other' : 'id', type };
  await expect(encode([recordBatchOf([ID], [{ id: 1 }])], [column])).rejects.toMatchObject({
    code: ErrorCode.OBJECT_CORRUPT,
    message: expect.stringContaining(message),
  });
});
