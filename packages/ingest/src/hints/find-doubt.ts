import type { HintState } from '@totesys/lake';
import { type Candidates, fenceNumber, HintRefusal } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import { isBefore } from './next-hint.ts';

/** Returns why a run cannot follow any hint, because it reads more than changes; undefined if it can. */
export function findMoreToRead(run: IngestRun, { keys }: Pick<Candidates, 'keys'>): HintRefusal | undefined {
  const refuse = (message: string) => new HintRefusal('reads-more', message);
  if (!run.window) return refuse('the source has no batch in its present history');
  for (const { name } of run.model.source) {
    if (run.coverageBefore.get(name) !== 'full') return refuse(`table '${name}' is not covered to its end`);
    if (!run.proven.has(name)) return refuse(`no index proves the keys of table '${name}' distinct`);
  }
  if (!run.requests.isQuiet) return refuse('requests are open');
  // A scan reads such a table in chunks, and a batch may end after each chunk.
  const isTooLarge = [...keys.values()].some(({ count }) => count > run.budget.chunkRows);
  return isTooLarge
    ? new HintRefusal('too-many-keys', 'more rows of a table changed than a batch may have')
    : undefined;
}

/** Returns why the slot's changes may not be all changes since the last batch; undefined if they are. */
export function findDoubt(
  { state, window }: Pick<IngestRun, 'state' | 'window'>,
  {
    fingerprint,
    confirmed,
    isFlushed,
  }: { readonly fingerprint: string; readonly confirmed: bigint; readonly isFlushed: boolean },
): HintRefusal | undefined {
  const before = window && state?.manifest.hint;
  if (!state || !before) return new HintRefusal('no-position', 'no batch has a position in the slot yet');
  if (!isBefore(confirmed, before.position)) {
    return new HintRefusal('no-position', 'the slot lacks changes since the last batch');
  }
  if (before.fingerprint !== fingerprint) {
    return new HintRefusal('publication-changed', 'the publication or a table has changed since the last batch');
  }
  // The slot shows a commit only after its WAL is flushed, and the next window may no longer have the row.
  if (!isFlushed) return new HintRefusal('not-flushed', 'the source has not flushed its WAL in time');
  return isArmed(before, state.manifest.fence.to.xmin) ? undefined : notArmed();
}

// Before that, a transaction may have written while the slot or the publication was another one.
function isArmed({ armedFrom }: HintState, xmin: string): boolean {
  return fenceNumber(xmin) >= fenceNumber(armedFrom);
}

function notArmed(): HintRefusal {
  return new HintRefusal('not-armed', 'transactions from before the last change of slot or publication may be open');
}
