import { FROM_BACKUP, findNewestBatch, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/**
 * Throws if a lake has parts of a batch beyond the next one. The newest manifests are then lost, and their parts would
 * look like leftovers. `newest` is the newest batch before the parts were listed.
 */
export async function checkManifests(store: Store, newest: number, furthest: number): Promise<void> {
  if (furthest <= newest + 1) return;
  // Batches may have been committed while the parts were listed.
  const now = await findNewestBatch(store, newest);
  if (furthest <= now + 1) return;
  throw lostManifests(store, now, `the lake has parts of batch ${furthest}`);
}

/** Throws if the processed lake has a batch that the ingestion lake lacks: the newest ingestion manifests are lost. */
export async function checkLakes(ingestion: Store, processed: Store): Promise<void> {
  const derived = await findNewestBatch(processed);
  const newest = await findNewestBatch(ingestion);
  if (derived > newest) throw lostManifests(ingestion, newest, `the processed lake ends with batch ${derived}`);
}

function lostManifests(store: Store, newest: number, sign: string): PipelineError {
  return new PipelineError(
    ErrorCode.CHAIN_BROKEN,
    `The manifests in ${store.uri} end with batch ${newest}, but ${sign}: expected all manifests. ` +
      'Nothing was removed, since the parts of lost manifests would look like leftovers. ' +
      `Restore the manifests ${FROM_BACKUP}, then sweep again.`,
    { context: { store: store.uri, newest } },
  );
}
