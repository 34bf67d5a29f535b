import {
  discardedIn,
  findCheckpoint,
  findNewestBatch,
  findProcessedManifest,
  type IngestionManifest,
  OpenKeys,
  type ProcessedManifest,
  readDiscards,
  readIngestionManifest,
  readPartKeys,
  readProcessedManifest,
  readQuarantinedKeys,
  type Store,
  writeCheckpoint,
} from '@totesys/lake';
import type { Model } from '@totesys/schema';

/** Batches whose manifests are read at the same time. */
const AHEAD = 16;
/** The number of batches after which a new checkpoint is worth an object. */
const CHECKPOINT_BATCHES = 500;

/** Both lakes and their model. */
export interface Lakes {
  readonly model: Model;
  readonly ingestion: Store;
  readonly processed: Store;
}

/** The quarantined rows as of a batch: the newest transformed one, or the last one within the limit. */
export interface OpenQuarantine {
  readonly batch: number;
  readonly open: OpenKeys;
  /** The rows that the operator has discarded. */
  readonly discarded: OpenKeys;
}

/**
 * Finds the quarantined rows from the lakes alone. A row is in quarantine until a later batch carries it as changed and
 * valid, or names it deleted, or the operator discards it. A checkpoint in the lake has the state as of some batch, so
 * only the batches after it are read. `mostBatches` limits one call; the next call continues from there.
 */
export async function findOpenQuarantine(
  lakes: Lakes,
  progress: (batch: number, of: number) => void,
  mostBatches = Number.POSITIVE_INFINITY,
): Promise<OpenQuarantine> {
  const { ingestion, processed } = lakes;
  const transformed = Math.min(await findNewestBatch(processed), await findNewestBatch(ingestion));
  const from = await findStart(processed, transformed);
  const newest = Math.min(transformed, from.batch + mostBatches);
  for (let first = from.batch + 1; first <= newest; first += AHEAD) {
    const batches = Array.from({ length: Math.min(AHEAD, newest - first + 1) }, (_, i) => first + i);
    const manifests = await Promise.all(
      batches.map((batch) =>
        Promise.all([readIngestionManifest(ingestion, batch), readProcessedManifest(processed, batch)]),
      ),
    );
    for (const [read, derived] of manifests) await applyBatch(lakes, from.open, read.manifest, derived.manifest);
    progress(batches.at(-1)!, newest);
  }
  if (newest - from.batch >= CHECKPOINT_BATCHES) {
    const { manifest } = await readProcessedManifest(processed, newest);
    // A role without the right to write reads some more batches next time.
    await writeCheckpoint(processed, { batch: newest, ingestion: manifest.ingestion.sha256, open: from.open }).catch(
      () => {},
    );
  }
  return { batch: newest, open: from.open, discarded: await takeDiscarded(processed, from.open) };
}

async function findStart(processed: Store, newest: number): Promise<{ batch: number; open: OpenKeys }> {
  const checkpoint = await findCheckpoint(processed);
  if (checkpoint && checkpoint.batch <= newest) {
    const found = await findProcessedManifest(processed, checkpoint.batch);
    if (found?.manifest.ingestion.sha256 === checkpoint.ingestion) return checkpoint;
  }
  return { batch: 0, open: new OpenKeys() };
}

// Applies one batch: rows that it carries or names deleted are settled, rows that it quarantines are open.
async function applyBatch(
  lakes: Lakes,
  open: OpenKeys,
  read: IngestionManifest,
  derived: ProcessedManifest,
): Promise<void> {
  for (const { name, key } of lakes.model.source) {
    const before = open.keysOf(name);
    const ofTable = (part: { table: string }) => part.table === name;
    if (before.count > 0) {
      const carried = read.parts.filter((part) => part.role === 'changed' && ofTable(part));
      open.settle(
        name,
        await readPartKeys(lakes.ingestion, [...carried, ...read.deleted.filter(ofTable)], key, before),
      );
    }
    const byIngest = await readQuarantinedKeys(lakes.ingestion, read.quarantined.filter(ofTable));
    const byTransform = await readQuarantinedKeys(lakes.processed, derived.quarantined.filter(ofTable));
    open.open(name, read.batch, byIngest.union(byTransform));
  }
}

async function takeDiscarded(processed: Store, open: OpenKeys): Promise<OpenKeys> {
  const discards = await readDiscards(processed);
  const discarded = new OpenKeys();
  for (const [table, batch, keys] of [...open.entries()]) {
    const unwanted = keys.minus(keys.minus(discardedIn(discards, table, batch)));
    discarded.open(table, batch, unwanted);
    open.settle(table, unwanted, batch);
  }
  return discarded;
}
