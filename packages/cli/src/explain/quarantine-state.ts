import { discardedIn, readDiscards, type Store } from '@totesys/lake';
import type { BatchStory } from './read-row-in-batch.ts';
import type { Subject } from './subject.ts';

/** What has become of a row that a batch put into quarantine: settled by a later batch, discarded by a person, or still there. */
export interface QuarantineState {
  readonly batch: number;
  readonly state: 'open' | 'settled' | 'discarded';
  readonly settledBy: number | null;
}

/** The state of each batch's quarantine of the subject: what a later batch carries, quarantines anew or names deleted is settled. */
export async function quarantineStates(
  processed: Store,
  { source, key }: Subject,
  stories: readonly BatchStory[],
): Promise<QuarantineState[]> {
  const inQuarantine = stories.filter(({ quarantined }) => quarantined.length > 0);
  if (inQuarantine.length === 0) return [];
  const discards = await readDiscards(processed);
  return inQuarantine.map(({ batch }) => {
    const later = stories.find((story) => story.batch > batch && hasNews(story));
    if (later) return { batch, state: 'settled', settledBy: later.batch };
    const isDiscarded = discardedIn(discards, source.name, batch).has(key);
    return { batch, state: isDiscarded ? 'discarded' : 'open', settledBy: null };
  });
}

// A context row did not change, so it settles nothing.
function hasNews({ states, deletedBy, quarantined }: BatchStory): boolean {
  return quarantined.length > 0 || deletedBy !== undefined || states.some(({ role }) => role === 'changed');
}
