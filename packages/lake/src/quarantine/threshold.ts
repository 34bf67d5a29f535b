import { ErrorCode, PipelineError } from '@totesys/runtime';
import { acceptedKey } from '../key-layout.ts';
import type { ProcessedManifest } from '../manifests/manifest.ts';
import type { Store } from '../stores/store.ts';

/** More than this share of a table's rows, and at least this many, means that the source is broken, not single rows. */
const THRESHOLD_SHARE = 0.01;
const THRESHOLD_ROWS = 100;

/** Rows of a table in a batch, and how many of them are in quarantine. */
export interface QuarantineCount {
  readonly batch: number;
  readonly table: string;
  readonly rows: number;
  readonly quarantined: number;
}

/** Whether a batch has too many rows of a table in quarantine to load by itself. */
export function isBeyondThreshold({ rows, quarantined }: Pick<QuarantineCount, 'rows' | 'quarantined'>): boolean {
  return quarantined >= THRESHOLD_ROWS && quarantined > THRESHOLD_SHARE * rows;
}

/** Returns the tables of a batch with too many rows in quarantine; none if the operator has accepted the batch. */
export async function findBeyondThreshold(processed: Store, manifest: ProcessedManifest): Promise<QuarantineCount[]> {
  const { batch } = manifest;
  const found = Object.entries(manifest.counts)
    .filter(([, counts]) => isBeyondThreshold(counts))
    .map(([table, counts]) => ({ batch, table, ...counts }));
  return found.length > 0 && (await isBatchAccepted(processed, batch)) ? [] : found;
}

/** Whether the operator has accepted a batch, so that it loads without its rows in quarantine. */
export async function isBatchAccepted(processed: Store, batch: number): Promise<boolean> {
  return (await processed.find(acceptedKey(batch))) !== undefined;
}

/** Accepts a batch, so that it loads without its rows in quarantine. Returns the key of the object that records it. */
export async function writeAcceptance(processed: Store, batch: number): Promise<string> {
  const key = acceptedKey(batch);
  await processed.putIfAbsent(key, Buffer.from(`${JSON.stringify({ kind: 'accept-batch', batch }, null, 2)}\n`));
  return key;
}

/** Error for a batch with too many rows in quarantine, of which `left` are neither fixed since nor discarded. */
export function beyondThreshold({ batch, table, rows, quarantined }: QuarantineCount, left: number): PipelineError {
  const fixed = left < quarantined ? ` (${quarantined - left} of them fixed since, or discarded)` : '';
  const fault = `Batch ${batch} has ${quarantined} of ${rows} rows of table '${table}' in quarantine${fixed}`;
  const expected = `expected at most ${100 * THRESHOLD_SHARE} % or fewer than ${THRESHOLD_ROWS} rows`;
  const remedy = 'See the reasons with: totesys quarantine list. Fix the source, and the load goes on by itself';
  return new PipelineError(
    ErrorCode.QUARANTINE_THRESHOLD,
    `${fault}: ${expected}. ${remedy}; or load the batch without these rows: totesys batch accept ${batch}`,
    { context: { batch, table, rows, quarantined, left } },
  );
}
