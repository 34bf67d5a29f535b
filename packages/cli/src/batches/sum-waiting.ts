import { findIngestionManifest, findProcessedManifest, type Store } from '@totesys/lake';
import { mapAhead } from './map-ahead.ts';

/** Waiting batches whose manifests are read for their rows, beginning with the newest. */
const MOST_READ = 1_000;
/** Manifests that are read at the same time. */
const READERS = 16;

/** What waits for a stage. With `isLeast`, more batches wait than are read, so `rows` is a lower bound. */
export interface Waiting {
  readonly batches: number;
  readonly rows: number;
  readonly isLeast: boolean;
}

/** Sums the batches and rows that wait for transform and for load, given the newest batch of each stage. */
export async function sumWaiting(
  { ingestion, processed }: { readonly ingestion: Store; readonly processed: Store },
  newest: { readonly read: number; readonly transformed: number; readonly loaded: number },
): Promise<{ transform: Waiting; load: Waiting }> {
  const [transform, load] = await Promise.all([
    sum(newest.transformed, newest.read, async (batch) => {
      const found = await findIngestionManifest(ingestion, batch);
      return found?.manifest.parts.filter(({ role }) => role === 'changed') ?? [];
    }),
    sum(newest.loaded, newest.transformed, async (batch) => {
      return (await findProcessedManifest(processed, batch))?.manifest.parts ?? [];
    }),
  ]);
  return { transform, load };
}

async function sum(
  done: number,
  last: number,
  partsOf: (batch: number) => Promise<readonly { readonly rows: number }[]>,
): Promise<Waiting> {
  const batches = Math.max(0, last - done);
  const read = Math.min(batches, MOST_READ);
  const numbers = Array.from({ length: read }, (_, index) => last - read + 1 + index);
  let rows = 0;
  for await (const parts of mapAhead(numbers, READERS, partsOf)) {
    for (const part of parts) rows += part.rows;
  }
  return { batches, rows, isLeast: batches > read };
}
