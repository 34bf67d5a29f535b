import { ErrorCode, PipelineError } from '@totesys/runtime';
import { acceptedKey } from '../key-layout.ts';
import type { ProcessedManifest } from '../manifests/manifest.ts';
import type { Store } from '../stores/store.ts';

/** More than this share of a table's rows in a batch, and at least this many, is a broken source and not a broken row. */
const THRESHOLD_SHARE = 0.01;
const THRESHOLD_ROWS = 100;

/** Rows of a table that a batch leaves out because they are in quarantine. */
export interface LeftOut {
  readonly batch: number;
  readonly table: string;
  readonly rows: number;
  readonly quarantined: number;
}

/** Whether so many rows missing are too many for a batch to load by itself. */
export function isBeyondThreshold({ rows, quarantined }: Pick<LeftOut, 'rows' | 'quarantined'>): boolean {
  return quarantined >= THRESHOLD_ROWS && quarantined > THRESHOLD_SHARE * rows;
}

/** The tables of which a batch leaves out too much; none where a person has accepted it. */
export async function findBeyondThreshold(store: Store, manifest: ProcessedManifest): Promise<LeftOut[]> {
  const { batch } = manifest;
  const found = Object.entries(manifest.counts)
    .filter(([, counts]) => isBeyondThreshold(counts))
    .map(([table, counts]) => ({ batch, table, ...counts }));
  return found.length > 0 && (await store.find(acceptedKey(batch))) ? [] : found;
}

/** The error of a batch that leaves out too much, of which `left` rows neither a later batch nor a person has settled. */
export function beyondThreshold({ batch, table, rows, quarantined }: LeftOut, left: number): PipelineError {
  const mended = left < quarantined ? ` (${quarantined - left} of them mended since, or discarded)` : '';
  return new PipelineError(
    ErrorCode.QUARANTINE_THRESHOLD,
    `Batch ${batch} has ${quarantined} of ${rows} rows of table '${table}' in quarantine${mended}: expected at most ${100 * THRESHOLD_SHARE} % or fewer than ${THRESHOLD_ROWS} rows. See why with: totesys quarantine list; mend the source, and it goes on by itself; or load it without them with: totesys batch accept ${batch}`,
    { context: { batch, table, rows, quarantined, left } },
  );
}
