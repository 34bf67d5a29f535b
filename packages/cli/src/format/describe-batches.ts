import { KeySet } from '@totesys/lake';
import { describeKeys } from './describe-keys.ts';

/** Ranges of batches in one line. The batches of a run are one range unless another run took some of them. */
const MOST_SHOWN = 5;

/** Formats batch numbers: `batch 3`, `batches 3-1200`. */
export function describeBatches(batches: readonly number[]): string {
  const numbers = describeKeys(KeySet.of(batches.map((batch) => [batch, batch])), MOST_SHOWN);
  return batches.length === 1 ? `batch ${numbers}` : `batches ${numbers}`;
}
