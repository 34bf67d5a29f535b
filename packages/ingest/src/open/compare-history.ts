import {
  type CarriedPairs,
  compareIdentity,
  completeBefore,
  findOtherHistory,
  type IngestState,
  readWindowPairs,
  type SourceLayout,
  type SourceSnapshot,
} from '@totesys/source';
import type { RunDeps } from './ingest-run.ts';

/** Whether the source has another history than the last batch saw, and the window pairs that hold in it. */
export interface History {
  readonly isNew: boolean;
  /** The pairs of transactions that the last batch may not have seen. */
  readonly pairs: CarriedPairs;
  readonly warning?: string;
  /** A sentence with the proof that hints have missed a change since the last scan. */
  readonly missed?: string;
}

/**
 * Compares the source with the last batch. In a new history the window pairs are void, because it may use their
 * transaction ids again.
 */
export async function compareHistory(
  { model, telemetry, ingestion }: Pick<RunDeps, 'model' | 'telemetry' | 'ingestion'>,
  { state, snapshot, layout }: { state: IngestState | undefined; snapshot: SourceSnapshot; layout: SourceLayout },
): Promise<History | 'behind'> {
  const continuity = state ? compareIdentity(state.manifest, snapshot) : 'same';
  if (continuity === 'behind') return 'behind';
  const fence = state?.manifest.fence.to.xmin;
  const pairs = await readWindowPairs(ingestion, state, model, fence);
  if (!state || fence === undefined) return { isNew: false, pairs };
  let proof: string | undefined;
  if (continuity === 'same') {
    const witnessed = { model, state, snapshot, layout, completeBefore: fence, pairs: pairs.tables };
    proof = await findOtherHistory(witnessed);
    if (proof === undefined) return { isNew: false, pairs };
    // A change that hints have missed looks like another history, too.
    const complete = completeBefore(state.manifest);
    if (complete !== fence) {
      const all = await readWindowPairs(ingestion, state, model);
      const other = await findOtherHistory({ ...witnessed, completeBefore: complete, pairs: all.tables });
      if (other === undefined) return { isNew: false, pairs, missed: proof };
    }
  }
  telemetry.warn('source:history-new', { source: snapshot.source, before: state.manifest.source, proof });
  return { isNew: true, pairs: await readWindowPairs(ingestion, undefined, model), warning: describeNewHistory(proof) };
}

function describeNewHistory(proof: string | undefined): string {
  const fault = 'the source has another history than the last batch saw; all rows are read again';
  return proof === undefined ? fault : `${fault}: ${proof}`;
}
