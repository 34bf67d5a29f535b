import { findBatchesToLoad, findNewestBatch, findProcessedManifest, type ProcessedManifest } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { PublishDeps } from './publish-deps.ts';

/** Batches of one round: enough that rounds cost little, few enough that their manifests fit into memory. */
const ROUND_BATCHES = 5_000;

/** Batches that load would show to readers, in order; a group of batches is never divided. */
export interface VisibleBatches {
  readonly manifests: readonly ProcessedManifest[];
  /** Why the next batch is not visible; undefined if it is, or if there is none. */
  readonly blocked: PipelineError | undefined;
  /** Whether a later round may have more. */
  readonly hasMore: boolean;
}

/**
 * Finds the visible batches from `first` on: what load shows. A batch with too many rows in quarantine waits, with all
 * later ones, until it is accepted, or until later batches correct it.
 */
export async function findVisibleBatches(
  { model, processed, telemetry }: Pick<PublishDeps, 'model' | 'processed' | 'telemetry'>,
  first: number,
): Promise<VisibleBatches> {
  const manifests: ProcessedManifest[] = [];
  for (let next = first; manifests.length < ROUND_BATCHES; ) {
    const waiting = await findProcessedManifest(processed, next);
    if (!waiting) {
      const newest = await findNewestBatch(processed, next - 1);
      if (newest > next) telemetry.warn('batch:missing', { batch: next, newest });
      return { manifests, blocked: undefined, hasMore: false };
    }
    try {
      const group = await findBatchesToLoad({ model, processed }, waiting);
      for (const { manifest } of group) manifests.push(manifest);
      next += group.length;
    } catch (error) {
      if (!(error instanceof PipelineError) || error.code !== ErrorCode.QUARANTINE_THRESHOLD) throw error;
      return { manifests, blocked: error, hasMore: false };
    }
  }
  return { manifests, blocked: undefined, hasMore: true };
}
