import { findIngestionManifest, findProcessedManifest, type Store } from '@totesys/lake';
import type { BatchDetail } from '@totesys/report';
import { mapAhead } from '../batches/map-ahead.ts';

/** Batches whose manifests are read at the same time. */
const READERS = 16;

type Counts = BatchDetail['tables'][number];

/** Reads what the batches from `newest` down to `first` changed, table by table, the newest first. */
export async function readBatchDetails(
  { ingestion, processed }: { readonly ingestion: Store; readonly processed: Store },
  { first, newest }: { readonly first: number; readonly newest: number },
): Promise<BatchDetail[]> {
  const numbers = Array.from({ length: Math.max(0, newest - first + 1) }, (_, index) => newest - index);
  const details: BatchDetail[] = [];
  const read = async (batch: number) => {
    const manifest = (await findIngestionManifest(ingestion, batch))?.manifest;
    const derived = (await findProcessedManifest(processed, batch))?.manifest;
    return manifest && { manifest, quarantined: [...manifest.quarantined, ...(derived?.quarantined ?? [])] };
  };
  for await (const found of mapAhead(numbers, READERS, read)) {
    if (!found) continue;
    const { batch, parts, deleted, requests } = found.manifest;
    const tables = new Map<string, Counts>();
    const add = (table: string, name: 'changed' | 'deleted' | 'quarantined', rows: number) => {
      const counts = tables.get(table) ?? { table, changed: 0, deleted: 0, quarantined: 0 };
      tables.set(table, { ...counts, [name]: counts[name] + rows });
    };
    for (const { table, role, rows } of parts) if (role === 'changed') add(table, 'changed', rows);
    for (const { table, rows } of deleted) add(table, 'deleted', rows);
    for (const { table, rows } of found.quarantined) add(table, 'quarantined', rows);
    details.push({ batch, requests, tables: [...tables.values()] });
  }
  return details;
}
