import { checkPredecessor } from '@totesys/lake';
import {
  fenceWindow,
  readIngestState,
  readKeyProofs,
  readSourceLayout,
  type SourceSnapshot,
  UnreadableRows,
} from '@totesys/source';
import { readRequests } from '../requests/read-requests.ts';
import { BatchWriter } from '../write/batch-writer.ts';
import { Budget } from './budget.ts';
import { compareHistory } from './compare-history.ts';
import type { IngestRun, RunDeps } from './ingest-run.ts';
import { startingCoverage } from './starting-coverage.ts';

/** A run that is ready to read, or the warnings about a source that is behind the last batch. */
export type OpenedRun = { readonly run: IngestRun } | { readonly behind: readonly string[] };

/**
 * Reads what the last batch left and what requests want, and compares the source with the model and with the last
 * batch.
 */
export async function openRun(deps: RunDeps, snapshot: SourceSnapshot): Promise<OpenedRun> {
  const { model, telemetry, ingestion: store, codeVersion } = deps;
  const state = await readIngestState(store);
  if (state) await checkPredecessor(store, state.manifest);
  const [connection] = snapshot.connections;
  const layout = await readSourceLayout(connection, model, state?.manifest.tables);
  const keys = await readKeyProofs(connection, model);
  const warnings = [...layout.warnings, ...keys.warnings];
  for (const warning of warnings) telemetry.warn('source:unlike-model', { warning });

  const batch = (state?.manifest.batch ?? 0) + 1;
  telemetry.about({ batch });
  const history = await compareHistory(deps, { state, snapshot, layout });
  if (history === 'behind') return { behind: warnings };
  const requests = await readRequests(store, model, state?.manifest, telemetry);
  const { isNew, pairs } = history;
  const start = await startingCoverage({ model, state, layout, isNew, snapshot, telemetry });
  const run: IngestRun = {
    model,
    store,
    telemetry,
    codeVersion,
    snapshot,
    layout,
    proven: keys.proven,
    state,
    window: state && !isNew ? fenceWindow(state.manifest.fence.to, snapshot.fence) : undefined,
    pairs,
    coverageBefore: start.coverage,
    missed: history.missed,
    hint: undefined,
    followed: undefined,
    scannedTo: { xmin: snapshot.fence.xmin, clock: snapshot.clock },
    budget: new Budget(deps.limits),
    writer: new BatchWriter(store, batch, snapshot.clock),
    requests,
    unreadable: new UnreadableRows(),
    standingWarnings: warnings,
    layoutWarnings: start.warnings,
    historyWarning: history.warning,
  };
  return { run };
}
