import { findIngestionManifest, findProcessedManifest, type Store } from '@totesys/lake';
import { mapAhead } from './map-ahead.ts';

/** Of what waits, so many batches are looked into for their rows, from the newest back. */
const MOST_LOOKED_INTO = 1_000;
/** Manifests that are fetched at the same time. */
const READERS = 16;

/** What waits for a stage; `isLeast` where more batches wait than are looked into. */
export interface Waiting {
  readonly batches: number;
  readonly rows: number;
  readonly isLeast: boolean;
}

/** Sums what waits for transform and for load; `newest` says how far each of them, and ingest before them, has come. */
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
  const looked = Math.min(batches, MOST_LOOKED_INTO);
  const numbers = Array.from({ length: looked }, (_, index) => last - looked + 1 + index);
  let rows = 0;
  for await (const parts of mapAhead(numbers, READERS, partsOf)) {
    for (const part of parts) rows += part.rows;
  }
  return { batches, rows, isLeast: batches > looked };
}
