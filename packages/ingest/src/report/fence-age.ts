import { findIngestionManifest, type IngestionManifest, type Store } from '@totesys/lake';
import type { IngestState, SourceSnapshot } from '@totesys/source';

/**
 * How long, at least, the transaction that holds the fence's xmin back has been open. A role that may only SELECT sees no other's start, but
 * ids are given in order: a batch whose xmax lies behind the id was committed while that transaction was open already, and the batch knows
 * its source's clock. The first such batch is found by some 2·log₂ of the batches since, and no request where no batch saw it.
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
  // Nothing is open where they are one.
  if (xmin === xmax || !state || !sawIt(state.manifest)) return 0;
  let first = state.manifest;
  // Strides back while batches saw it, then halves what lies between the first that did and one that did not.
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

// A manifest that cannot be read makes the age shorter, never the run fail: it was asked for a measurement only.
async function findSeeing(
  store: Store,
  batch: number,
  sawIt: (manifest: IngestionManifest) => boolean,
): Promise<IngestionManifest | undefined> {
  const found = await findIngestionManifest(store, batch).catch(() => undefined);
  return found && sawIt(found.manifest) ? found.manifest : undefined;
}
