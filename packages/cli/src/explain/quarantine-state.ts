import { discardedIn, readDiscards, type Store } from '@totesys/lake';
import type { RowInBatch } from './read-row-in-batch.ts';
import type { Subject } from './subject.ts';

/** The state of a row that a batch has quarantined: settled by a later batch, discarded by the operator, or open. */
export interface QuarantineState {
  readonly batch: number;
  readonly state: 'open' | 'settled' | 'discarded';
  readonly settledBy: number | null;
}

/**
 * Returns the state of the row for each batch that put it into quarantine. A later batch settles it by carrying it as
 * changed, by quarantining it again or by naming it deleted.
 */
export async function quarantineStates(
  processed: Store,
  { source, key }: Subject,
  batches: readonly RowInBatch[],
): Promise<QuarantineState[]> {
  const inQuarantine = batches.filter(({ quarantined }) => quarantined.length > 0);
  if (inQuarantine.length === 0) return [];
  const discards = await readDiscards(processed);
  return inQuarantine.map(({ batch }) => {
    const later = batches.find((candidate) => candidate.batch > batch && isNews(candidate));
    if (later) return { batch, state: 'settled', settledBy: later.batch };
    const isDiscarded = discardedIn(discards, source.name, batch).has(key);
    return { batch, state: isDiscarded ? 'discarded' : 'open', settledBy: null };
  });
}

// A context row has not changed, so it settles nothing.
function isNews({ states, deletedBy, quarantined }: RowInBatch): boolean {
  return quarantined.length > 0 || deletedBy !== undefined || states.some(({ role }) => role === 'changed');
}
