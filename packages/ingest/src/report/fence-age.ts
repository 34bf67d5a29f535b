import { findIngestionManifest, type IngestionManifest, type Store } from '@totesys/lake';
import type { IngestState, SourceSnapshot } from '@totesys/source';

/**
 * Returns for how many seconds, at least, the transaction that holds back the fence's xmin has been open. A role that
 * may only SELECT cannot read when another transaction started, but ids are assigned in order: a batch with a greater
 * xmax saw that transaction open, and its manifest has the source's clock. To find the first of n such batches, about
 * 2·log₂ n manifests are read, and none if the last batch did not see the transaction.
 */
export async function readFenceAgeSeconds(
  store: Store,
  state: IngestState | undefined,
  snapshot: Pick<SourceSnapshot, 'fence' | 'source' | 'clock'>,
): Promise<number> {
  const { xmin, xmax } = snapshot.fence;
  const sawIt = ({ source, fence }: IngestionManifest) =>
    source.systemIdentifier === snapshot.source.systemIdentifier &&
    source.timeline === snapshot.source.timeline &&
    BigInt(fence.to.xmin) <= BigInt(xmin) &&
    BigInt(fence.to.xmax) > BigInt(xmin);
  // If they are equal, no transaction is open.
  if (xmin === xmax || !state || !sawIt(state.manifest)) return 0;
  let first = state.manifest;
  // Doubles its steps back while the batches saw it, then halves the gap between one that saw it and one that did not.
  let before = 0;
  for (let stride = 1; first.batch - stride > 0; stride *= 2) {
    const found = await findSeeing(store, first.batch - stride, sawIt);
    if (!found) {
      before = first.batch - stride;
      break;
    }
    first = found;
  }
  while (first.batch - before > 1) {
    const middle = Math.floor((before + first.batch) / 2);
    const found = await findSeeing(store, middle, sawIt);
    if (found) first = found;
    else before = middle;
  }
  return Math.max(0, (Date.parse(`${snapshot.clock}Z`) - Date.parse(`${first.sourceClock}Z`)) / 1000);
}

// This is only a measurement: an unreadable manifest shortens the age and must not fail the run.
async function findSeeing(
  store: Store,
  batch: number,
  sawIt: (manifest: IngestionManifest) => boolean,
): Promise<IngestionManifest | undefined> {
  const found = await findIngestionManifest(store, batch).catch(() => undefined);
  return found && sawIt(found.manifest) ? found.manifest : undefined;
}
