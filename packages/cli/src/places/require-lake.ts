import { findNewestBatch, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/** Throws if a lake has no batch. A request or a decision in a mistyped place would have no effect. */
export async function requireLake(store: Store): Promise<void> {
  if ((await findNewestBatch(store)) > 0) return;
  throw new PipelineError(
    ErrorCode.OBJECT_MISSING,
    `The lake ${store.uri} does not exist or has no batch: expected at least one. Nothing was written. ` +
      'Correct the place (--lake or LAKE), or create the first batch with: totesys run',
    { context: { store: store.uri } },
  );
}
