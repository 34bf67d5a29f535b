import { findManifestBatch, memoryStore, type Store } from '@totesys/lake';
import { sumWaiting } from '../src/sum-waiting.ts';

const SHA256 = '0'.repeat(64);
const part = (table: string, role: string, rows: number) => ({
  key: table,
  rows,
  bytes: 1,
  sha256: SHA256,
  table,
  role,
});

// A lake with every batch that it is asked for, each of so many rows as its number says.
function endless(manifestOf: (batch: number) => object): Store & { looks: number } {
  const store = Object.assign(memoryStore(), { looks: 0 });
  store.find = async (key) => {
    store.looks++;
    return Buffer.from(JSON.stringify(manifestOf(findManifestBatch(key)!)));
  };
  return store;
}

const shared = { format: 1, sourceClock: '2026-11-22T10:00:00.000000', quarantined: [] };
const ingestion = () =>
  endless((batch) => ({
    ...shared,
    kind: 'ingestion',
    batch,
    previous: null,
    codeVersion: 'test',
    source: { systemIdentifier: '1', timeline: 1, databaseOid: '1', walPosition: '1', inRecovery: false },
    fence: { from: null, to: { xmin: '1', xmax: '1' } },
    tables: {},
    pairsSince: null,
    parts: [part('staff', 'changed', batch), part('department', 'context', 1_000_000)],
    deleted: [],
    state: [],
    requests: [],
  }));
const processed = () =>
  endless((batch) => ({
    ...shared,
    kind: 'processed',
    batch,
    ingestion: { sha256: SHA256, previous: null },
    parts: [part('dim_staff', 'rows', 10 * batch)],
    counts: {},
  }));

test('sums the changed rows that transform has yet to derive, and what load has yet to bring', async () => {
  const newest = { read: 5, transformed: 3, loaded: 1 };
  expect(await sumWaiting({ ingestion: ingestion(), processed: processed() }, newest)).toEqual({
    transform: { batches: 2, rows: 4 + 5, isLeast: false },
    load: { batches: 2, rows: 20 + 30, isLeast: false },
  });
});

test('nothing waits where a warehouse is further than its lake, or all are as far', async () => {
  const none = { batches: 0, rows: 0, isLeast: false };
  for (const newest of [
    { read: 3, transformed: 3, loaded: 3 },
    { read: 0, transformed: 0, loaded: 7 },
  ]) {
    expect(await sumWaiting({ ingestion: ingestion(), processed: processed() }, newest)).toEqual({
      transform: none,
      load: none,
    });
  }
});

test('says that the rows are the least where more batches wait than it looks into', async () => {
  const lakes = { ingestion: ingestion(), processed: processed() };
  const { transform, load } = await sumWaiting(lakes, { read: 5_000, transformed: 0, loaded: 0 });
  expect(transform).toMatchObject({ batches: 5_000, isLeast: true });
  expect(load).toEqual({ batches: 0, rows: 0, isLeast: false });
  expect(lakes.ingestion.looks).toBe(1_000);
});
