import { findIngestionManifest, findNewestBatch, readProcessedManifest, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/** The newest batch of a processed lake, 0 and null where it has none, with the SHA-256 of the ingestion manifest that it was derived from. */
export interface Origin {
  readonly batch: number;
  readonly sha256: string | null;
}

/**
 * Throws unless the ingestion lake has the very batch that the processed lake ends with. One that has not is another lake, or an older copy
 * of it: ingest would give the lost batches' numbers again, and what came under them would count as derived.
 */
export async function checkOrigin(ingestion: Store, processed: Store): Promise<Origin> {
  const batch = await findNewestBatch(processed);
  if (batch === 0) return { batch, sha256: null };
  const { sha256: expected } = (await readProcessedManifest(processed, batch)).manifest.ingestion;
  const got = (await findIngestionManifest(ingestion, batch))?.sha256 ?? null;
  expectOrigin({ ingestion, processed }, batch, expected, got);
  return { batch, sha256: expected };
}

/** Throws unless a batch of the processed lake was derived from the ingestion manifest that is there: `expected` and `got` are their SHA-256. */
export function expectOrigin(
  { ingestion, processed }: { readonly ingestion: Store; readonly processed: Store },
  batch: number,
  expected: string,
  got: string | null,
): void {
  if (got === expected) return;
  throw new PipelineError(
    ErrorCode.CHAIN_BROKEN,
    `Batch ${batch} of the processed lake ${processed.uri} was not derived from what is in ${ingestion.uri}: expected manifest ${expected} there, got ${got ?? 'none'}. The ingestion lake is an older copy or another one: restore what is missing (the bucket is versioned), or point at lakes that belong together.`,
    { context: { batch, expected, got } },
  );
}
