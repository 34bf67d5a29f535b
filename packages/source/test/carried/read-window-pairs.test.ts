import { memoryStore, readIngestionManifest, type Store, writeManifest } from '@totesys/lake';
import { totesysModel } from '@totesys/schema';
import { BatchWriter } from '../../../ingest/src/write/batch-writer.ts';
import { ingestionManifest } from '../../../lake/test/ingestion-manifest.ts';
import { storeWith } from '../../../lake/test/store-with.ts';
import { readWindowPairs } from '../../src/carried/read-window-pairs.ts';

const CLOCK = '2026-11-22T10:00:00.000000';
const SCANNED = { scannedTo: { xmin: '100', clock: CLOCK }, position: '1', armedFrom: '3', marks: [] };
const HINT = { ...SCANNED, fingerprint: 'f'.repeat(64) };

/** Batch n has the pair of transaction 100n and key n; its fence ends after that transaction. */
async function writeBatches(store: Store, count: number): Promise<void> {
  let previous: string | null = null;
  for (let batch = 1; batch <= count; batch++) {
    const writer = new BatchWriter(store, batch, CLOCK);
    await writer.writeRanges('window-pairs', 'staff', [[100 * batch, batch, batch]]);
    const end = String(100 * batch + 1);
    const written = await writeManifest(
      store,
      ingestionManifest({
        batch,
        previous,
        pairsSince: 1,
        state: writer.state,
        fence: { from: null, to: { xmin: end, xmax: end } },
        hint: HINT,
      }),
    );
    previous = written.sha256;
  }
}

test('reads the pairs since the last scan, and for a later window only the batches that may have some', async () => {
  const plain = memoryStore();
  await writeBatches(plain, 5);
  const state = await readIngestionManifest(plain, 5);
  const read: string[] = [];
  const store = storeWith(plain, {
    find: (key) => {
      read.push(key);
      return plain.find(key);
    },
    get: (key) => {
      read.push(key);
      return plain.get(key);
    },
  });
  const all = await readWindowPairs(store, state, totesysModel);
  expect([...all.tables.get('staff')!.ranges()]).toEqual([1, 2, 3, 4, 5].map((key) => [100 * key, key, key]));
  expect(all.batches.map(({ batch }) => batch)).toEqual([1, 2, 3, 4, 5]);
  read.length = 0;
  const recent = await readWindowPairs(store, state, totesysModel, '400');
  expect([...recent.tables.get('staff')!.ranges()]).toEqual([
    [400, 4, 4],
    [500, 5, 5],
  ]);
  expect(read.filter((key) => key.startsWith('_manifests/'))).toHaveLength(2);
  expect(read.filter((key) => key.startsWith('_state/'))).toHaveLength(2);
  read.length = 0;
  await readWindowPairs(store, state, totesysModel, state.manifest.fence.to.xmin);
  expect(read).toEqual([]);
});
