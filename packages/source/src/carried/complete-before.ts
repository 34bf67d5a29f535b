import type { IngestionManifest } from '@totesys/lake';

/**
 * Returns the transaction id before which the batches carry all that was written, as a scan has proved. A batch that
 * follows a hint does not raise the id, because the hint may lack changes.
 */
export function completeBefore({ fence, hint }: Pick<IngestionManifest, 'fence' | 'hint'>): string {
  const { xmin } = fence.to;
  return hint && BigInt(hint.scannedTo.xmin) < BigInt(xmin) ? hint.scannedTo.xmin : xmin;
}
