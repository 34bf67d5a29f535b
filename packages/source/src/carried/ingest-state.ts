import {
  type Coverage,
  findNewestBatch,
  type IngestionManifest,
  KeySet,
  type ReadManifest,
  readIngestionManifest,
  readPartRanges,
  type Store,
} from '@totesys/lake';
import type { SourceTable } from '@totesys/schema';

/** The last manifest and its SHA-256: all that a run knows of the runs before it. */
export type IngestState = ReadManifest<IngestionManifest>;

/** Reads the newest manifest; undefined before the first. */
export async function readIngestState(store: Store): Promise<IngestState | undefined> {
  const batch = await findNewestBatch(store);
  return batch === 0 ? undefined : await readIngestionManifest(store, batch);
}

/** Returns a table's coverage in the last manifest. */
export function coverageBefore(state: IngestState | undefined, table: SourceTable): Coverage {
  return state?.manifest.tables[table.name]?.coverage ?? 'none';
}

/** Returns how many keys of a table are known. */
export function knownKeyCount(state: IngestState | undefined, table: SourceTable): number {
  return state?.manifest.tables[table.name]?.keys.count ?? 0;
}

/** Reads a table's known keys. */
export async function readKnownKeys(store: Store, state: IngestState | undefined, table: SourceTable): Promise<KeySet> {
  const keys = state?.manifest.tables[table.name]?.keys;
  if (!state || !keys) return KeySet.empty;
  if ('ranges' in keys) return KeySet.of(keys.ranges);
  const holder =
    keys.batch === state.manifest.batch ? state.manifest : (await readIngestionManifest(store, keys.batch)).manifest;
  return await readPartRanges(
    store,
    holder.state.filter((part) => part.kind === 'known-keys' && part.table === table.name),
  );
}
