import { createHash } from 'node:crypto';
import { ErrorCode } from '@totesys/runtime';
import {
  checkLakeFormat,
  findIngestionManifest,
  findProcessedManifest,
  type IngestionManifest,
  MANIFEST_FORMAT,
  manifestKey,
  memoryStore,
  type ProcessedManifest,
  readIngestionManifest,
  readProcessedManifest,
  type Store,
  writeManifest,
} from '../../src/index.ts';
import { ingestionManifest } from '../ingestion-manifest.ts';

const SHA = 'ab'.repeat(32);

const ingestion = ingestionManifest({
  batch: 7,
  previous: SHA,
  codeVersion: '1.0.0',
  sourceClock: '2026-11-22 10:00:00.000',
  tables: {
    design: {
      coverage: { through: 9 },
      keys: { count: 9, ranges: [[1, 9]] },
      layout: {
        oid: '16384',
        columns: [{ name: 'design_id', attnum: 1, type: 'integer', missingValue: null }],
      },
    },
  },
  parts: [{ key: 'design/a.parquet', rows: 1, bytes: 2, sha256: SHA, table: 'design', role: 'changed' }],
});

const processed: ProcessedManifest = {
  format: MANIFEST_FORMAT,
  kind: 'processed',
  batch: 7,
  ingestion: { sha256: SHA, previous: null },
  sourceClock: '2026-11-22 10:00:00.000',
  parts: [{ key: 'dim_design/a.parquet', rows: 1, bytes: 2, sha256: SHA, table: 'dim_design', role: 'rows' }],
  quarantined: [],
  leftOut: [],
  counts: { sales_order: { rows: 1, quarantined: 0 } },
};

describe('a manifest', () => {
  test('is written once, as indented JSON, and read back with its hash', async () => {
    const store = memoryStore();
    const { outcome, sha256 } = await writeManifest(store, ingestion);
    const body = Buffer.from(await store.get('_manifests/0000000007.json')).toString();
    expect(outcome).toBe('created');
    expect(body).toBe(`${JSON.stringify(JSON.parse(body), null, 2)}\n`);
    expect(sha256).toBe(createHash('sha256').update(body).digest('hex'));
    expect(await readIngestionManifest(store, 7)).toEqual({ manifest: ingestion, sha256 });
  });

  test('of the processed lake is read back, too', async () => {
    const store = memoryStore();
    const { sha256 } = await writeManifest(store, processed);
    expect(await readProcessedManifest(store, 7)).toEqual({ manifest: processed, sha256 });
  });

  test('has the same bytes in whatever order its fields were given', async () => {
    const store = memoryStore();
    await writeManifest(store, ingestion);
    const reversed = Object.fromEntries(Object.entries(ingestion).reverse()) as IngestionManifest;
    expect((await writeManifest(store, reversed)).outcome).toBe('same');
  });

  test('does not replace an existing one', async () => {
    const store = memoryStore();
    const { sha256 } = await writeManifest(store, ingestion);
    expect((await writeManifest(store, { ...ingestion, previous: null })).outcome).toBe('conflict');
    expect((await readIngestionManifest(store, 7)).sha256).toBe(sha256);
  });

  test('that could not be read is not written', async () => {
    const store = memoryStore();
    await expect(writeManifest(store, { ...ingestion, previous: 'no hash' })).rejects.toThrow();
    expect(await store.find(manifestKey(7))).toBeUndefined();
  });

  test('that is missing is undefined, or an error where it is needed', async () => {
    expect(await findIngestionManifest(memoryStore(), 7)).toBeUndefined();
    expect(await findProcessedManifest(memoryStore(), 7)).toBeUndefined();
    for (const read of [readIngestionManifest, readProcessedManifest]) {
      await expect(read(memoryStore(), 7)).rejects.toMatchObject({ code: ErrorCode.OBJECT_MISSING });
    }
  });

  test('of the other lake says so, and not what it lacks of this one', async () => {
    const store = memoryStore();
    await writeManifest(store, ingestion);
    await expect(readProcessedManifest(store, 7)).rejects.toMatchObject({
      code: ErrorCode.MANIFEST_UNREADABLE,
      message: expect.stringMatching(/is of the ingestion lake: expected one of the processed lake\. Check/),
    });
  });

  test('from a newer version says which version wrote it and what to deploy', async () => {
    const newer = { ...ingestion, format: MANIFEST_FORMAT + 1, codeVersion: '9.9.9', tables: 'unheard of' };
    await expect(readIngestionManifest(await holding(JSON.stringify(newer)), 7)).rejects.toMatchObject({
      code: ErrorCode.MANIFEST_UNREADABLE,
      message: expect.stringMatching(/version 9\.9\.9 in format 3; .*reads format 2\. Deploy version 9\.9\.9/),
    });
    const unnamed = { ...newer, codeVersion: undefined };
    await expect(readIngestionManifest(await holding(JSON.stringify(unnamed)), 7)).rejects.toMatchObject({
      message: expect.stringMatching(/by a newer version in format 3; .*reads format 2\. Deploy a newer version\.$/),
    });
  });

  test('of an older lake format is refused with the way on, also where its fields would be read', async () => {
    const older = { ...ingestion, format: MANIFEST_FORMAT - 1 };
    await expect(readIngestionManifest(await holding(JSON.stringify(older)), 7)).rejects.toMatchObject({
      code: ErrorCode.MANIFEST_UNREADABLE,
      message: expect.stringMatching(
        /is of lake format 1; .*new, empty places .* new, empty warehouse.* by version 1\.0\.0\.$/,
      ),
    });
  });

  test('of an older lake format refuses the whole lake, by its first batch', async () => {
    const store = memoryStore();
    await expect(checkLakeFormat(store)).resolves.toBeUndefined();
    await store.putIfAbsent(manifestKey(1), Buffer.from(JSON.stringify({ ...processed, format: 1, batch: 1 })));
    await expect(checkLakeFormat(store)).rejects.toMatchObject({ code: ErrorCode.MANIFEST_UNREADABLE });
  });

  test('an older lake that has lost its first manifest is refused by its newest', async () => {
    const store = memoryStore();
    await store.putIfAbsent(manifestKey(7), Buffer.from('{"format":1,"batch":7}'));
    await expect(checkLakeFormat(store)).rejects.toThrow(/0000000007.*is of lake format 1/);
  });

  test('that cannot be read, or is of a newer version, says nothing of the format of the lake', async () => {
    for (const body of ['{', 'null', '{}', JSON.stringify({ format: MANIFEST_FORMAT + 1 })]) {
      const store = memoryStore();
      await store.putIfAbsent(manifestKey(1), Buffer.from(body));
      await expect(checkLakeFormat(store)).resolves.toBeUndefined();
    }
  });

  test.each([
    ['is cut off', JSON.stringify(ingestion).slice(0, 100)],
    ['is empty', ''],
    ['is null', 'null'],
    ['is of the other lake', JSON.stringify({ ...processed })],
    ['lacks a field', JSON.stringify({ ...ingestion, fence: undefined })],
    ['is of another batch', JSON.stringify({ ...ingestion, batch: 8 })],
    ['has no whole number of rows', JSON.stringify({ ...ingestion, parts: [{ ...ingestion.parts[0], rows: 1.5 }] })],
  ])('that %s is refused with its key', async (_, body) => {
    await expect(readIngestionManifest(await holding(body), 7)).rejects.toMatchObject({
      code: ErrorCode.MANIFEST_UNREADABLE,
      message: expect.stringContaining('_manifests/0000000007.json'),
    });
  });
});

async function holding(body: string): Promise<Store> {
  const store = memoryStore();
  await store.putIfAbsent(manifestKey(7), Buffer.from(body));
  return store;
}
