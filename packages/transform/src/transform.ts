import {
  batchMissing,
  checkDerivation,
  checkFollower,
  checkOrigin,
  checkSequence,
  findIngestionManifest,
  findNewestBatch,
  type IngestionManifest,
  manifestKey,
  type ProcessedManifest,
  type ReadManifest,
  readProcessedManifest,
  type Store,
  writeManifest,
} from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { type TransformDeps, transformBatch } from './transform-batch.ts';

export type { TransformDeps } from './transform-batch.ts';

/** What a transform run did: the batches that it wrote, in their order. */
export interface TransformResult {
  readonly outcome: 'committed' | 'unchanged';
  readonly batches: readonly number[];
  readonly rows: number;
  /** Rows, each once a batch, however many of its values are wrong. */
  readonly quarantined: number;
  readonly warnings: readonly string[];
}

/**
 * Transforms every batch that the processed lake lacks, up to the one that it was woken for or the newest, until time is up. They are
 * written in order, so that a processed batch exists only when all before it do, whatever events were late, doubled or lost.
 */
export async function transform(deps: TransformDeps, batch: number | 'newest'): Promise<TransformResult> {
  const { ingestion, processed, telemetry, deadlineMs = Number.POSITIVE_INFINITY } = deps;
  const { batch: done, sha256 } = await checkOrigin(ingestion, processed);
  const last = batch === 'newest' ? await findNewestBatch(ingestion, done) : batch;
  let previous = sha256;
  let ahead: ReadManifest<IngestionManifest> | undefined;
  const batches: number[] = [];
  let rows = 0;
  let quarantined = 0;
  const warnings: string[] = [];
  for (let next = done + 1; next <= last && (batches.length === 0 || Date.now() < deadlineMs); next++) {
    telemetry.about({ batch: next });
    const source = ahead ?? (await findIngestionManifest(ingestion, next));
    if (!source) throw batchMissing(ingestion, next, last);
    checkSequence(ingestion, { sha256: previous }, source.manifest);
    ahead = await findReadable(ingestion, next + 1);
    checkFollower(ingestion, source, ahead);
    const derived = await transformBatch(deps, source.manifest, source.sha256);
    previous = source.sha256;
    const { manifest, quarantined: broken } = derived;
    if (!(await commit(deps, manifest))) continue;
    const written = manifest.parts.reduce((sum, part) => sum + part.rows, 0);
    telemetry.info('manifest:written', {
      batch: next,
      rows: written,
      quarantined: broken,
      manifest: manifestKey(next),
    });
    for (const warning of derived.warnings) telemetry.warn('value:placeholder', { warning });
    telemetry.metric('RowsQuarantined', broken);
    batches.push(next);
    rows += written;
    quarantined += broken;
    warnings.push(...derived.warnings);
  }
  return { outcome: batches.length > 0 ? 'committed' : 'unchanged', batches, rows, quarantined, warnings };
}

// A manifest that nobody can read says nothing of the batch before it, which need not wait: the fault is told in its own turn.
async function findReadable(store: Store, batch: number): Promise<ReadManifest<IngestionManifest> | undefined> {
  try {
    return await findIngestionManifest(store, batch);
  } catch (error) {
    if (error instanceof PipelineError && error.code === ErrorCode.MANIFEST_UNREADABLE) return undefined;
    throw error;
  }
}

// Gives whether the batch stands as it was derived here: a run of another version of the code may have been first with its own.
async function commit(deps: TransformDeps, manifest: ProcessedManifest): Promise<boolean> {
  const { batch, ingestion } = manifest;
  if ((await writeManifest(deps.processed, manifest)).outcome !== 'conflict') return true;
  const found = await readProcessedManifest(deps.processed, batch);
  checkDerivation(deps, found.manifest, ingestion.sha256);
  deps.telemetry.info('batch:discarded', { batch, reason: 'another run committed it first, and derived it otherwise' });
  return false;
}
