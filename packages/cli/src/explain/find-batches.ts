import { findBatchesOfKey, findNewestBatch, type Store } from '@totesys/lake';
import type { Subject } from './subject.ts';

/** Returns the batches that may have something to say about the subject, in their order: a few more than those that do. */
export async function findBatches(ingestion: Store, { source, key }: Subject): Promise<number[]> {
  return await findBatchesOfKey(ingestion, await findNewestBatch(ingestion), source.name, key);
}
