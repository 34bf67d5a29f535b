import { KeySet } from '@totesys/lake';
import { describeKeys } from './describe-keys.ts';

/** Ranges of batches that a line shows: a run's are all of a piece unless another run took some of them. */
const MOST_SHOWN = 5;

/** Batches as a person reads them: `batch 3`, `batches 3-1200`. */
export function describeBatches(batches: readonly number[]): string {
  const numbers = describeKeys(KeySet.of(batches.map((batch) => [batch, batch])), MOST_SHOWN);
  return batches.length === 1 ? `batch ${numbers}` : `batches ${numbers}`;
}
