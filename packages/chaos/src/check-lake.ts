import {
  findNewestBatch,
  namedParts,
  type ReadManifest,
  readIngestionManifest,
  readProcessedManifest,
  type Store,
  sha256Of,
} from '@totesys/lake';

/** The SHA-256 of every object of a lake, by key. */
export type LakeObjects = ReadonlyMap<string, string>;

/** Reads every object of both lakes. */
export async function readLakeObjects(stores: readonly Store[]): Promise<LakeObjects> {
  const objects = new Map<string, string>();
  for (const store of stores) {
    for await (const { key } of store.list('')) objects.set(`${store.uri} ${key}`, sha256Of(await store.get(key)));
  }
  return objects;
}

/**
 * Returns the faults of a lake: a changed or missing object, a manifest outside the chain, a part that differs from its
 * manifest.
 */
export async function checkLake(ingestion: Store, processed: Store, before: LakeObjects): Promise<string[]> {
  const faults: string[] = [];
  const objects = await readLakeObjects([ingestion, processed]);
  for (const [key, sha256] of before) {
    if (objects.get(key) !== sha256) faults.push(`${key} ${objects.has(key) ? 'has changed' : 'is missing'}`);
  }
  const expect = (isSo: boolean, fault: string) => {
    if (!isSo) faults.push(fault);
  };
  const checkParts = (store: Store, { manifest }: ReadManifest) => {
    for (const { key, sha256 } of namedParts(manifest)) {
      expect(
        objects.get(`${store.uri} ${key}`) === sha256,
        `batch ${manifest.batch} names ${key}, which is missing or differs`,
      );
    }
  };
  const newest = await findNewestBatch(ingestion);
  let previous: string | null = null;
  for (let batch = 1; batch <= newest; batch++) {
    const read = await readIngestionManifest(ingestion, batch);
    expect(read.manifest.previous === previous, `batch ${batch} does not follow the one before it`);
    checkParts(ingestion, read);
    previous = read.sha256;
    const derived = await readProcessedManifest(processed, batch);
    expect(derived.manifest.ingestion.sha256 === read.sha256, `batch ${batch} is derived from another manifest`);
    checkParts(processed, derived);
  }
  expect((await findNewestBatch(processed)) === newest, 'the processed lake has a batch that was never read');
  return faults;
}
