import { findBatchesOfKey, findNewestBatch, type Store } from '@totesys/lake';
import type { Subject } from './subject.ts';

/** Returns the batches that may contain the row, in their order; every batch that contains it is among them. */
export async function findBatches(ingestion: Store, { source, key }: Subject): Promise<number[]> {
  return await findBatchesOfKey(ingestion, await findNewestBatch(ingestion), source.name, key);
}
