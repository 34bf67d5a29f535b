import { findManifestBatch, MANIFEST_FORMAT, memoryStore, type Store } from '@totesys/lake';
import { ingestionManifest } from '../../../lake/test/ingestion-manifest.ts';
import { recordingStore } from '../../../lake/test/recording-store.ts';
import { storeWith } from '../../../lake/test/store-with.ts';
import { sumWaiting } from '../../src/batches/sum-waiting.ts';

const SHA256 = '0'.repeat(64);
const objectOf = (table: string, rows: number) => ({ key: table, rows, bytes: 1, sha256: SHA256, table });

// A lake that has every requested batch, whose number is its row count; and the requests so far.
function endless(manifestOf: (batch: number) => object): { store: Store; requests: string[] } {
  const requests: string[] = [];
  const endless = storeWith(memoryStore(), {
    find: async (key) => Buffer.from(JSON.stringify(manifestOf(findManifestBatch(key)!))),
  });
  return { store: recordingStore(endless, requests), requests };
}

const ingestion = () =>
  endless((batch) =>
    ingestionManifest({
      batch,
      parts: [
        { ...objectOf('staff', batch), role: 'changed' },
        { ...objectOf('department', 1_000_000), role: 'context' },
      ],
    }),
  );
const processed = () =>
  endless((batch) => ({
    format: MANIFEST_FORMAT,
    kind: 'processed',
    batch,
    sourceClock: '2026-11-22T10:00:00.000000',
    ingestion: { sha256: SHA256, previous: null },
    parts: [{ ...objectOf('dim_staff', 10 * batch), role: 'rows' }],
    quarantined: [],
    leftOut: [],
    counts: {},
  }));

test('sums the changed rows that transform has not derived, and the rows that load has not loaded', async () => {
  const newest = { read: 5, transformed: 3, loaded: 1 };
  expect(await sumWaiting({ ingestion: ingestion().store, processed: processed().store }, newest)).toEqual({
    transform: { batches: 2, rows: 4 + 5, isLeast: false },
    load: { batches: 2, rows: 20 + 30, isLeast: false },
  });
});

test('nothing waits if the warehouse is ahead of its lake, or if all have the same batch', async () => {
  const none = { batches: 0, rows: 0, isLeast: false };
  for (const newest of [
    { read: 3, transformed: 3, loaded: 3 },
    { read: 0, transformed: 0, loaded: 7 },
  ]) {
    expect(await sumWaiting({ ingestion: ingestion().store, processed: processed().store }, newest)).toEqual({
      transform: none,
      load: none,
    });
  }
});

test('marks the rows as a lower bound if more batches wait than it reads', async () => {
  const { store, requests } = ingestion();
  const lakes = { ingestion: store, processed: processed().store };
  const { transform, load } = await sumWaiting(lakes, { read: 5_000, transformed: 0, loaded: 0 });
  expect(transform).toMatchObject({ batches: 5_000, isLeast: true });
  expect(load).toEqual({ batches: 0, rows: 0, isLeast: false });
  expect(requests).toHaveLength(1_000);
});
