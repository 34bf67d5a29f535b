import { checkpointKey, findCheckpoint, MANIFEST_FORMAT, memoryStore, type Store, writeManifest } from '@totesys/lake';
import { totesysModel as model } from '@totesys/schema';
import { ingestionManifest } from '../../../lake/test/ingestion-manifest.ts';
import { recordingStore } from '../../../lake/test/recording-store.ts';
import { storeWith } from '../../../lake/test/store-with.ts';
import { findOpenQuarantine } from '../../src/quarantine/find-open-quarantine.ts';

// Each look reads enough batches, 500, to write a checkpoint.
const BATCHES = 1_100;
const requests: string[] = [];
let ingestion: Store;
let processed: Store;

beforeAll(async () => {
  ingestion = recordingStore(memoryStore(), requests);
  processed = recordingStore(memoryStore(), requests);
  let previous: string | null = null;
  for (let batch = 1; batch <= BATCHES; batch++) {
    const { sha256 } = await writeManifest(ingestion, ingestionManifest({ batch, previous }));
    await writeManifest(processed, {
      format: MANIFEST_FORMAT,
      kind: 'processed',
      batch,
      ingestion: { sha256, previous },
      sourceClock: '2026-11-22T10:00:00.000000',
      parts: [],
      quarantined: [],
      leftOut: [],
      counts: {},
    });
    previous = sha256;
  }
});

test('with a limit it stops early, and the next call continues from there', async () => {
  for (const through of [600, BATCHES]) {
    requests.length = 0;
    expect((await look(600)).batch).toBe(through);
    expect(manifestsRead()).toBeLessThan(2 * 600 + 10);
    expect((await findCheckpoint(processed))?.batch).toBe(through);
  }
  requests.length = 0;
  await look(600);
  expect(manifestsRead()).toBeLessThan(10);
});

test('without a limit it reads up to the newest batch', async () => {
  const fresh = { model, ingestion, processed: withoutCheckpoints(processed) };
  expect((await findOpenQuarantine(fresh, () => {})).batch).toBe(BATCHES);
});

function look(mostBatches: number) {
  return findOpenQuarantine({ model, ingestion, processed }, () => {}, mostBatches);
}

function manifestsRead(): number {
  return requests.filter((request) => request.startsWith('find _manifests/')).length;
}

function withoutCheckpoints(store: Store): Store {
  const prefix = checkpointKey(1).replace(/[^/]*$/, '');
  return storeWith(store, {
    putIfAbsent: async () => 'same',
    async *list(wanted, options) {
      if (!wanted.startsWith(prefix)) yield* store.list(wanted, options);
    },
  });
}
