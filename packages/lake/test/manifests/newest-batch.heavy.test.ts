import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderStore, findNewestBatch, manifestKey } from '../../src/index.ts';

test('the newest batch of a folder is the same by both ways in a real folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lake-'));
  try {
    const store = new FolderStore(folder);
    await store.putIfAbsent(manifestKey(1), Buffer.from('{}'));
    const batches = Array.from({ length: 5_200 }, (_, i) => i + 1);
    await Promise.all(batches.map((batch) => writeFile(join(folder, manifestKey(batch)), '{}')));
    expect(await findNewestBatch(store)).toBe(5_200);
    expect(await store.probe(manifestKey(5_200))).toBe(true);
    expect(await store.probe(manifestKey(5_201))).toBe(false);
    expect(await store.probe('_manifests')).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});
