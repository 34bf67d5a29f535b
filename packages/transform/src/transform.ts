import {
  checkDerivation,
  checkOrigin,
  findNewestBatch,
  manifestKey,
  type ProcessedManifest,
  readProcessedManifest,
  writeManifest,
} from '@totesys/lake';
import { ManifestReader } from './manifest-reader.ts';
import { sumRows } from './processed-batch.ts';
import { type TransformedBatch, transformBatch } from './transform-batch.ts';
import type { TransformDeps } from './transform-deps.ts';

export type { TransformDeps } from './transform-deps.ts';

/** The batches that a transform run wrote, in order, and totals of them. */
export interface TransformResult {
  readonly outcome: 'committed' | 'unchanged';
  readonly batches: readonly number[];
  readonly rows: number;
  /** Rows in quarantine. A row counts once in a batch, however many of its values are wrong. */
  readonly quarantined: number;
  readonly warnings: readonly string[];
}

/**
 * Transforms every batch that the processed lake lacks, up to the given one or the newest, until time is up. A batch is
 * written only after all before it, even if events were late, repeated or lost.
 */
export async function transform(deps: TransformDeps, batch: number | 'newest'): Promise<TransformResult> {
  const { ingestion, processed, telemetry, deadlineMs = Number.POSITIVE_INFINITY } = deps;
  const head = await checkOrigin(ingestion, processed);
  const last = batch === 'newest' ? await findNewestBatch(ingestion, head.batch) : batch;
  const manifests = new ManifestReader(ingestion, head);
  const committed: TransformedBatch[] = [];
  for (let next = head.batch + 1; next <= last && (committed.length === 0 || Date.now() < deadlineMs); next++) {
    telemetry.about({ batch: next });
    const transformed = await transformBatch(deps, await manifests.read(next, last));
    if (!(await commit(deps, transformed.manifest))) continue;
    report(deps, transformed);
    committed.push(transformed);
  }
  return resultOf(committed);
}

// Returns whether this run's manifest is the committed one. A run of another version may have committed its own first.
async function commit(deps: TransformDeps, manifest: ProcessedManifest): Promise<boolean> {
  const { batch, ingestion } = manifest;
  if ((await writeManifest(deps.processed, manifest)).outcome !== 'conflict') return true;
  const found = await readProcessedManifest(deps.processed, batch);
  checkDerivation(deps, found.manifest, ingestion.sha256);
  deps.telemetry.info('batch:discarded', { batch, reason: 'another run committed it first, with other content' });
  return false;
}

function report({ telemetry }: TransformDeps, { manifest, quarantined, warnings }: TransformedBatch): void {
  const { batch, parts } = manifest;
  telemetry.info('manifest:written', { batch, rows: sumRows(parts), quarantined, manifest: manifestKey(batch) });
  for (const warning of warnings) telemetry.warn('value:placeholder', { warning });
  telemetry.metric('RowsQuarantined', quarantined);
}

function resultOf(committed: readonly TransformedBatch[]): TransformResult {
  return {
    outcome: committed.length > 0 ? 'committed' : 'unchanged',
    batches: committed.map(({ manifest }) => manifest.batch),
    rows: sumRows(committed.flatMap(({ manifest }) => manifest.parts)),
    quarantined: committed.reduce((sum, { quarantined }) => sum + quarantined, 0),
    warnings: committed.flatMap(({ warnings }) => warnings),
  };
}
