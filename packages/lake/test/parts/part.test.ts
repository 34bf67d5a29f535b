import { arrowSchema, columnBuilder, recordBatch } from '@totesys/columns';
import { ErrorCode } from '@totesys/runtime';
import { integer } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import {
  checkPart,
  memoryStore,
  type ObjectPart,
  partFolder,
  readPart,
  type Store,
  sha256Of,
  writePart,
} from '../../src/index.ts';
import { valuesOf } from './column-values.ts';

const FOLDER = partFolder('sales_order', '2026-11-22 10:00:00', 42);

test.each(['batch', 'Batch_Date'])('refuses a column %s, which engines would take for a folder', async (name) => {
  const store = memoryStore();
  const rows = recordBatch(arrowSchema([{ name, type: integer() }]), [columnBuilder(integer()).finish()], 0);
  await expect(writePart(store, FOLDER, [rows])).rejects.toThrow(
    `has a column '${name}', which is the name of a partition key`,
  );
  for await (const { key } of store.list('')) throw new Error(key);
});

test('writes a part below its folder, named by its content, and reads it back', async () => {
  const store = memoryStore();
  const part = await writePart(store, FOLDER, batchesOf([1, 2], [3]));
  expect(part).toEqual({
    key: expect.stringMatching(/^sales_order\/batch_date=2026-11-22\/batch=0000000042\/[0-9a-f]{32}\.parquet$/),
    rows: 3,
    bytes: (await store.get(part.key)).length,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await rowsOf(store, part)).toEqual([1n, 2n, 3n]);
});

test('finds the same object when the same rows are written again', async () => {
  const store = memoryStore();
  const part = await writePart(store, FOLDER, batchesOf([1, 2, 3]));
  expect(await writePart(store, FOLDER, new arrow.Table(batchesOf([1], [2, 3])))).toEqual(part);
  expect(await keysOf(store)).toEqual([part.key]);
});

test('keeps a part without rows', async () => {
  const store = memoryStore();
  const part = await writePart(store, FOLDER, new arrow.Table(arrowSchema([{ name: 'id', type: integer() }])));
  expect(part.rows).toBe(0);
  expect(await rowsOf(store, part)).toEqual([]);
});

test('refuses to take a damaged object of the same name for its own', async () => {
  const part = await writePart(memoryStore(), FOLDER, batchesOf([1]));
  const store = memoryStore();
  await store.putIfAbsent(part.key, Buffer.from('half'));
  await expect(writePart(store, FOLDER, batchesOf([1]))).rejects.toMatchObject({
    code: ErrorCode.OBJECT_CORRUPT,
    message: expect.stringContaining(part.key),
  });
});

test('reads no row of a part that differs from its manifest', async () => {
  const store = memoryStore();
  const part = await writePart(store, FOLDER, batchesOf([1, 2, 3]));
  const body = await store.get(part.key);
  const damaged = body.slice();
  damaged[10]! ^= 1;
  await store.putIfAbsent('cut', body.slice(0, -7));
  await store.putIfAbsent('damaged', damaged);
  const wrong: [ObjectPart, string][] = [
    [{ ...part, key: 'cut' }, `expected ${part.bytes}`],
    [{ ...part, key: 'damaged' }, 'SHA-256'],
    [{ ...part, rows: 4 }, '3 rows long, expected 4'],
  ];
  for (const [claimed, fault] of wrong) {
    const refusal = {
      code: ErrorCode.OBJECT_CORRUPT,
      message: expect.stringContaining(fault),
      context: { key: claimed.key },
    };
    await expect(rowsOf(store, claimed)).rejects.toMatchObject(refusal);
    await expect(checkPart(store, claimed)).rejects.toMatchObject(refusal);
  }
});

test('checks a part without reading its rows, also one that has none', async () => {
  const store = memoryStore();
  await checkPart(store, await writePart(store, FOLDER, batchesOf([1, 2, 3])));
  await checkPart(store, await writePart(store, FOLDER, batchesOf([])));
});

test('takes bytes that are no Parquet for a damaged part, whatever their checksum', async () => {
  const store = memoryStore();
  const body = Buffer.from('PAR1, it says, and it is a text');
  await store.putIfAbsent('text', body);
  const part = { key: 'text', rows: 1, bytes: body.length, sha256: sha256Of(body) };
  const refusal = { code: ErrorCode.OBJECT_CORRUPT, context: { key: 'text' } };
  await expect(rowsOf(store, part)).rejects.toMatchObject(refusal);
  await expect(checkPart(store, part)).rejects.toMatchObject(refusal);
});

test('says that a part is missing', async () => {
  const part = await writePart(memoryStore(), FOLDER, batchesOf([1]));
  await expect(rowsOf(memoryStore(), part)).rejects.toMatchObject({ code: ErrorCode.OBJECT_MISSING });
  await expect(checkPart(memoryStore(), part)).rejects.toMatchObject({ code: ErrorCode.OBJECT_MISSING });
});

async function rowsOf(store: Store, part: ObjectPart): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of readPart(store, part)) rows.push(...valuesOf(batch, 0));
  return rows;
}

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

function batchesOf(...batches: number[][]): arrow.RecordBatch[] {
  const schema = arrowSchema([{ name: 'id', type: integer() }]);
  return batches.map((values) => {
    const children = [arrow.makeVector(Int32Array.from(values)).data[0]!];
    const type = new arrow.Struct(schema.fields);
    return new arrow.RecordBatch(schema, arrow.makeData({ type, length: values.length, nullCount: 0, children }));
  });
}
