import { findNewestBatch, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/** Throws where a place has no batch: what a person says there would wait for a lake that never comes, as a mistyped one does not. */
export async function requireLake(store: Store): Promise<void> {
  if ((await findNewestBatch(store)) > 0) return;
  throw new PipelineError(
    ErrorCode.OBJECT_MISSING,
    `There is no lake at ${store.uri}, or it has no batch yet: expected at least one. Nothing was written. Correct the place (--lake, or LAKE), or make the first batch with: totesys run`,
    { context: { store: store.uri } },
  );
}
