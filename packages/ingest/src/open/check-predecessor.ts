import { findIngestionManifest, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { IngestState } from '@totesys/source';

/** Throws unless the newest manifest follows the one before it: a batch built on one that was altered could never be mended by restoring it. */
export async function checkPredecessor(store: Store, { manifest }: IngestState): Promise<void> {
  const { batch, previous } = manifest;
  const before = batch === 1 ? null : await findIngestionManifest(store, batch - 1);
  if (before !== undefined && previous === (before?.sha256 ?? null)) return;
  const expected = before?.sha256 ?? null;
  const lies = batch === 1 ? 'no predecessor' : (expected ?? `a manifest of batch ${batch - 1}, which is not there`);
  throw new PipelineError(
    ErrorCode.CHAIN_BROKEN,
    `Batch ${batch} in ${store.uri} does not follow the batch before it: expected ${lies}, got ${previous ?? 'no predecessor'}. Nothing was written: restore the manifest of batch ${batch === 1 ? '1' : `${batch} or ${batch - 1}, whichever was altered or lost`} (the bucket is versioned; a folder, from a backup).`,
    { context: { batch, expected, got: previous } },
  );
}
