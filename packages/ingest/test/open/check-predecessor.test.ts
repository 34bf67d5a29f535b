import { memoryStore, type Store, writeManifest } from '@totesys/lake';
import { ingestionManifest } from '../../../lake/test/ingestion-manifest.ts';
import { readIngestState } from '../../../source/src/carried/ingest-state.ts';
import { checkPredecessor } from '../../src/open/check-predecessor.ts';

const check = async (store: Store) => checkPredecessor(store, (await readIngestState(store))!);
const put = async (store: Store, batch: number, previous: string | null) =>
  (await writeManifest(store, ingestionManifest({ batch, previous }))).sha256;

test('takes a manifest that follows the one before it, and the first one', async () => {
  const store = memoryStore();
  const first = await put(store, 1, null);
  await check(store);
  await put(store, 3, await put(store, 2, first));
  await check(store);
});

test.each([
  ['names another predecessor', true, '0'.repeat(64)],
  ['names none', true, null],
  ['has none in the lake', false, '0'.repeat(64)],
  ['has none in the lake and names none', false, null],
])('refuses a manifest that %s', async (_, hasPredecessor, previous) => {
  const store = memoryStore('memory://ingestion');
  if (hasPredecessor) await put(store, 1, null);
  await put(store, 2, previous);
  await expect(check(store)).rejects.toMatchObject({
    code: 'CHAIN_BROKEN',
    message: expect.stringMatching(/^Batch 2 in memory:\/\/ingestion .*: restore the manifest of batch 2 or 1/),
  });
});

test('refuses a first manifest that names a predecessor', async () => {
  const store = memoryStore();
  await put(store, 1, '0'.repeat(64));
  await expect(check(store)).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
});
