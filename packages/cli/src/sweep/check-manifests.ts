import { findNewestBatch, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/**
 * Throws where parts lie in a place for a batch further than the next: they were written when the manifests before it were there, so the newest
 * manifests are lost, and what they named would be taken for leftovers. `newest` is the batch that was the last one before the parts were listed.
 */
export async function checkManifests(store: Store, newest: number, furthest: number): Promise<void> {
  if (furthest <= newest + 1) return;
  // Batches may have been committed meanwhile.
  const now = await findNewestBatch(store, newest);
  if (furthest <= now + 1) return;
  throw lostManifests(store, now, `there are parts of batch ${furthest}`);
}

/** Throws where the processed lake has a batch that the ingestion lake has not: transform makes none without its manifest. */
export async function checkLakes(ingestion: Store, processed: Store): Promise<void> {
  const derived = await findNewestBatch(processed);
  const newest = await findNewestBatch(ingestion);
  if (derived > newest) throw lostManifests(ingestion, newest, `the processed lake ends with batch ${derived}`);
}

function lostManifests(store: Store, newest: number, sign: string): PipelineError {
  return new PipelineError(
    ErrorCode.CHAIN_BROKEN,
    `The manifests in ${store.uri} end with batch ${newest}, but ${sign}: expected all manifests, since the parts of those that are lost would be taken for leftovers. Restore them (the bucket is versioned), then sweep again; nothing was removed.`,
    { context: { store: store.uri, newest } },
  );
}
