import { findIngestionManifest, findManifestBatch, MANIFEST_PREFIX, manifestKey, type Store } from '@totesys/lake';
import type { BatchTimes } from '@totesys/report';
import { mapAhead } from '../batches/map-ahead.ts';
import type { LoadedBatch } from '../sql/loaded-batches.ts';

/** Batches that are not in the ledger and whose manifests are read for their source clock, the newest of them. */
const MOST_READ = 1_000;
/** Manifests that are read at the same time. */
const READERS = 16;

/**
 * Returns the times of the batches from `first` to `newest`. The read time of a batch comes from the ledger or its
 * manifest; an older batch that waits for load has the time of its manifest instead.
 */
export async function readBatchTimes(
  { ingestion, processed }: { readonly ingestion: Store; readonly processed: Store },
  {
    first,
    newest,
    loaded,
  }: { readonly first: number; readonly newest: number; readonly loaded: readonly LoadedBatch[] },
): Promise<BatchTimes[]> {
  if (newest === 0) return [];
  const [ingested, transformed] = await Promise.all([
    readWrittenTimes(ingestion, first),
    readWrittenTimes(processed, first),
  ]);
  const ledger = new Map(loaded.map((entry) => [entry.batch, entry]));
  const clocks = await readClocks(ingestion, Math.max(first, newest - MOST_READ + 1), newest, ledger);
  return Array.from({ length: newest - first + 1 }, (_, index) => {
    const batch = first + index;
    const entry = ledger.get(batch);
    const ingestedMs = ingested.get(batch) ?? null;
    return {
      batch,
      readMs: entry ? clockMs(entry.sourceClock) : (clocks.get(batch) ?? ingestedMs ?? 0),
      ingestedMs,
      transformedMs: transformed.get(batch) ?? null,
      loadedMs: entry?.loadedMs ?? null,
      rows: entry?.rows ?? null,
    };
  });
}

// A listing has the time of writing of each manifest, so none of them is read.
async function readWrittenTimes(store: Store, first: number): Promise<ReadonlyMap<number, number>> {
  const times = new Map<number, number>();
  for await (const { key, writtenMs } of store.list(MANIFEST_PREFIX, { after: manifestKey(first - 1) })) {
    const batch = findManifestBatch(key);
    if (batch !== undefined) times.set(batch, Math.round(writtenMs));
  }
  return times;
}

async function readClocks(
  ingestion: Store,
  first: number,
  newest: number,
  ledger: ReadonlyMap<number, LoadedBatch>,
): Promise<ReadonlyMap<number, number>> {
  const waiting = Array.from({ length: newest - first + 1 }, (_, index) => first + index).filter((n) => !ledger.has(n));
  const clocks = new Map<number, number>();
  const read = async (batch: number) => ({
    batch,
    manifest: (await findIngestionManifest(ingestion, batch))?.manifest,
  });
  for await (const { batch, manifest } of mapAhead(waiting, READERS, read)) {
    if (manifest) clocks.set(batch, clockMs(manifest.sourceClock));
  }
  return clocks;
}

/** Returns the milliseconds since 1970 of a source clock, which is UTC, has microseconds and no zone. */
function clockMs(clock: string): number {
  return Date.parse(`${clock.slice(0, 23)}Z`);
}
