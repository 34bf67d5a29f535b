import {
  type ChainHead,
  checkIngestionHead,
  checkPredecessor,
  findNewestBatch,
  memoryStore,
  NO_BATCH,
  readIngestionManifest,
  type Store,
  writeManifest,
} from '../../src/index.ts';
import { ingestionManifest } from '../ingestion-manifest.ts';

const put = async (store: Store, batch: number, previous: string | null) =>
  (await writeManifest(store, ingestionManifest({ batch, previous }))).sha256;

describe('the newest manifest', () => {
  const check = async (store: Store) => {
    const { manifest } = await readIngestionManifest(store, await findNewestBatch(store));
    await checkPredecessor(store, manifest);
  };

  test('is accepted if it follows the one before it, and if it is the first', async () => {
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
  ])('is refused if it %s', async (_, hasPredecessor, previous) => {
    const store = memoryStore('memory://ingestion');
    if (hasPredecessor) await put(store, 1, null);
    await put(store, 2, previous);
    await expect(check(store)).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringMatching(/^Batch 2 in memory:\/\/ingestion .*: restore the manifest of batch 2 or 1/),
    });
  });

  test('is refused if it is the first and names a predecessor', async () => {
    const store = memoryStore();
    await put(store, 1, '0'.repeat(64));
    await expect(check(store)).rejects.toMatchObject({ code: 'CHAIN_BROKEN' });
  });
});

describe('the ledger', () => {
  const check = async (head: (sha256: string) => ChainHead) => {
    const store = memoryStore('memory://ingestion');
    await checkIngestionHead(store, head(await put(store, 1, null)));
  };

  test('fits a lake with the batch that it ends with, and every lake if it is empty', async () => {
    await check((sha256) => ({ batch: 1, sha256 }));
    await check(() => NO_BATCH);
  });

  test.each([
    ['has another batch under its number', 1],
    ['lacks the batch', 2],
  ])('does not fit a lake that %s', async (_, batch) => {
    await expect(check(() => ({ batch, sha256: '0'.repeat(64) }))).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringMatching(`^Batch ${batch} of the lake memory://ingestion does not fit the ledger`),
    });
  });
});
