import {
  type CarriedPairs,
  compareIdentity,
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
  readonly pairs: CarriedPairs;
  readonly warning?: string;
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
  const pairs = await readWindowPairs(ingestion, state, model);
  const proof =
    state && continuity === 'same'
      ? await findOtherHistory({ model, state, snapshot, layout, pairs: pairs.tables })
      : undefined;
  if (continuity === 'same' && proof === undefined) return { isNew: false, pairs };
  telemetry.warn('source:history-new', { source: snapshot.source, before: state?.manifest.source, proof });
  return { isNew: true, pairs: await readWindowPairs(ingestion, undefined, model), warning: describeNewHistory(proof) };
}

function describeNewHistory(proof: string | undefined): string {
  const fault = 'the source has another history than the last batch saw; all rows are read again';
  return proof === undefined ? fault : `${fault}: ${proof}`;
}
