import { createHash } from 'node:crypto';
import { ErrorCode } from '@totesys/runtime';
import {
  findIngestionManifest,
  findNewestBatch,
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
} from '../src/index.ts';
import type { MemoryObjects } from '../src/memory-store.ts';
import { ingestionManifest } from './ingestion-manifest.ts';
import { storeWith } from './store-with.ts';

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
  counts: { sales_order: { rows: 1, quarantined: 0 } },
};

describe('a manifest', () => {
  test('is written once, as JSON that a person can read, and read back with its hash', async () => {
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

  test('gives way to the one that is there', async () => {
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

  test('that is not there is undefined, or an error where it is needed', async () => {
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
      message: expect.stringMatching(/is of the ingestion lake: expected one of the processed lake\. See/),
    });
  });

  test('from a newer version says which version wrote it and what to deploy', async () => {
    const newer = { ...ingestion, format: MANIFEST_FORMAT + 1, codeVersion: '9.9.9', tables: 'unheard of' };
    await expect(readIngestionManifest(await holding(JSON.stringify(newer)), 7)).rejects.toMatchObject({
      code: ErrorCode.MANIFEST_UNREADABLE,
      message: expect.stringMatching(/version 9\.9\.9 in format 2; .*up to 1\. Deploy version 9\.9\.9/),
    });
    const unnamed = { ...newer, codeVersion: undefined };
    await expect(readIngestionManifest(await holding(JSON.stringify(unnamed)), 7)).rejects.toMatchObject({
      message: expect.stringMatching(/by a newer version in format 2; .*up to 1\. Deploy a newer version\.$/),
    });
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

describe('the newest batch', () => {
  test.each([0, 1, 2, 999, 1_000, 1_001, 1_999, 2_000, 2_001, 6_000, 6_001, 123_456, 1_000_000])(
    'is found among %i',
    async (batches) => {
      const { store, requests } = pretending(batches);
      expect(await findNewestBatch(store)).toBe(batches);
      expect(requests()).toBeLessThanOrEqual(batches < 1_000 ? 1 : 20);
    },
  );

  test('is found at once from one that is nearly as new', async () => {
    const { store, requests } = pretending(1_000_000);
    expect(await findNewestBatch(store, 999_990)).toBe(1_000_000);
    expect(await findNewestBatch(store, 1_000_000)).toBe(1_000_000);
    expect(requests()).toBe(2);
  });

  test('is found by one request where the store was asked before', async () => {
    const { store, requests } = pretending(123_456);
    await findNewestBatch(store);
    const first = requests();
    expect(await findNewestBatch(store)).toBe(123_456);
    expect(requests() - first).toBe(1);
  });

  test('is told anew where the lake has lost what it had, and where it has gone on', async () => {
    const objects: MemoryObjects = new Map();
    const store = memoryStore('memory://lake', objects);
    const commit = (batch: number) => store.putIfAbsent(manifestKey(batch), Buffer.from('{}'));
    for (const batch of [1, 2, 3]) await commit(batch);
    expect(await findNewestBatch(store)).toBe(3);
    objects.delete(manifestKey(3));
    expect(await findNewestBatch(store)).toBe(2);
    objects.clear();
    expect(await findNewestBatch(store)).toBe(0);
    for (const batch of [1, 2, 3, 4]) await commit(batch);
    expect(await findNewestBatch(store)).toBe(4);
  });

  test('is found in a real listing, beside other objects', async () => {
    const store = memoryStore();
    for (const batch of [1, 2, 3]) await store.putIfAbsent(manifestKey(batch), Buffer.from('{}'));
    await store.putIfAbsent('_requests/1.json', Buffer.from('{}'));
    await store.putIfAbsent('address/a.parquet', Buffer.from(''));
    expect(await findNewestBatch(store)).toBe(3);
  });
});

async function holding(body: string): Promise<Store> {
  const store = memoryStore();
  await store.putIfAbsent(manifestKey(7), Buffer.from(body));
  return store;
}

// A store that lists the manifests of as many batches, and counts its requests as S3 does: one for each thousand keys.
function pretending(batches: number): { store: Store; requests: () => number } {
  let requests = 0;
  const store = storeWith(memoryStore(), {
    async *list(prefix, { after = '', limit = Number.POSITIVE_INFINITY } = {}) {
      expect(prefix).toBe('_manifests/');
      requests++;
      const first = Number(after.slice(prefix.length, -'.json'.length)) + 1;
      for (let batch = first, listed = 0; batch <= batches && listed < limit; batch++) {
        if (listed > 0 && listed % 1_000 === 0) requests++;
        listed++;
        yield { key: manifestKey(batch), sizeBytes: 1, writtenMs: 0 };
      }
    },
  });
  return { store, requests: () => requests };
}
