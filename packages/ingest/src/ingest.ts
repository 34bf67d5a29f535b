import { checkPredecessor, manifestKey, type Store } from '@totesys/lake';
import {
  atDatabase,
  ErrorCode,
  type HolderLimits,
  PipelineError,
  type Pool,
  type StageTelemetry,
} from '@totesys/runtime';
import { findSourceTable, type Model } from '@totesys/schema';
import {
  compareIdentity,
  fenceWindow,
  findOtherHistory,
  judgeOtherIngest,
  openSourceSnapshot,
  readIngestState,
  readKeyProofs,
  readSourceLayout,
  readWindowPairs,
  type SourceSnapshot,
  UnreadableRows,
  waitUntilFlushed,
} from '@totesys/source';
import { commitBatch, isComplete } from './commit/commit-batch.ts';
import { Budget } from './open/budget.ts';
import type { IngestRun } from './open/ingest-run.ts';
import { startingCoverage } from './open/starting-coverage.ts';
import type { TableChanges } from './read/change-reader.ts';
import { readChanges } from './read/read-changes.ts';
import { readFenceAgeSeconds } from './report/fence-age.ts';
import { readRequests } from './requests/read-requests.ts';
import { BatchWriter } from './write/batch-writer.ts';
import { writeContext } from './write/write-context.ts';

/** What ingest works with. */
export interface IngestDeps {
  readonly model: Model;
  /** The source; at least three connections, all given back. */
  readonly source: Pool;
  readonly ingestion: Store;
  readonly telemetry: StageTelemetry<'ingest'>;
  /** Rows that a batch may hold (a chunk more at most), and the moment, in milliseconds since 1970, after which it begins no further chunk. */
  readonly limits: { readonly batchRows: number; readonly deadlineMs: number };
  readonly codeVersion: string;
  /** How long another run may hold the lock without a sign of life; without it, as long as no run works. */
  readonly holderLimits?: HolderLimits;
}

/** What an ingest run did; `complete` is false where there is more to read at once. */
export type IngestResult = { readonly warnings: readonly string[] } & (
  | {
      readonly outcome: 'committed';
      readonly batch: number;
      readonly rows: number;
      readonly deleted: number;
      readonly quarantined: number;
      readonly complete: boolean;
    }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'yielded'; readonly reason: string }
);

/** Runs that lose the race for a batch's number before one gives up; the advisory lock makes even one rare. */
const MAX_RACES = 5;

/** Reads what changed in the source since the last manifest, under one snapshot, into the next batch. Nothing changed: no object. */
export function ingest(deps: IngestDeps): Promise<IngestResult> {
  return atDatabase('source', () => ingestNext(deps));
}

async function ingestNext(deps: IngestDeps): Promise<IngestResult> {
  for (let race = 0; race < MAX_RACES; race++) {
    const snapshot = await openSourceSnapshot(deps.source, deps.model);
    if (!snapshot) return yieldToOther(deps);
    try {
      const result = await ingestSnapshot(deps, snapshot);
      if (result) return result;
      deps.telemetry.info('batch:discarded', { reason: 'another run committed this number first' });
    } finally {
      await snapshot.close();
    }
  }
  throw new PipelineError(
    ErrorCode.OBJECT_CONFLICT,
    `Ingest lost the race for a batch's number ${MAX_RACES} times: expected to be alone. See that one ingest is deployed for this bucket; the next run tries again.`,
  );
}

async function yieldToOther({ source, holderLimits }: IngestDeps): Promise<IngestResult> {
  const { reason, warning } = await judgeOtherIngest(source, holderLimits);
  return { outcome: 'yielded', reason, warnings: warning === undefined ? [] : [warning] };
}

// Undefined where another run has committed the batch's number first: this one's snapshot may be the older one.
async function ingestSnapshot(deps: IngestDeps, snapshot: SourceSnapshot): Promise<IngestResult | undefined> {
  const { model, telemetry, ingestion: store } = deps;
  const state = await readIngestState(store);
  if (state) await checkPredecessor(store, state.manifest);
  const layout = await readSourceLayout(snapshot.connections[0], model, state?.manifest.tables);
  const keys = await readKeyProofs(snapshot.connections[0], model);
  const warnings = [...layout.warnings, ...keys.warnings];
  for (const warning of warnings) telemetry.warn('source:unlike-model', { warning });

  const newest = state?.manifest.batch ?? 0;
  telemetry.about({ batch: newest + 1 });
  const continuity = state ? compareIdentity(state.manifest, snapshot) : 'same';
  if (continuity === 'behind') {
    const reason = 'the source is behind the last batch: a standby that has not caught up';
    telemetry.warn('source:behind', { walPosition: snapshot.source.walPosition });
    return { outcome: 'yielded', reason, warnings: [...warnings, reason] };
  }
  let pairs = await readWindowPairs(store, state, model);
  const proof =
    state && continuity === 'same'
      ? await findOtherHistory({ model, state, snapshot, layout, pairs: pairs.tables })
      : undefined;
  const isNew = continuity === 'new-history' || proof !== undefined;
  if (isNew) {
    telemetry.warn('source:history-new', { source: snapshot.source, before: state?.manifest.source, proof });
    pairs = await readWindowPairs(store, undefined, model);
  }

  const requests = await readRequests(store, model, state?.manifest, telemetry);
  const run: IngestRun = {
    model,
    store,
    telemetry,
    snapshot,
    layout,
    proven: keys.proven,
    state,
    window: state && !isNew ? fenceWindow(state.manifest.fence.to, snapshot.fence) : undefined,
    pairs,
    budget: new Budget(deps.limits.batchRows, deps.limits.deadlineMs),
    writer: new BatchWriter(store, newest + 1, snapshot.clock),
    requests,
    unreadable: new UnreadableRows(),
  };
  const start = await startingCoverage({ model, state, layout, isNew, snapshot, telemetry });
  const changes = await readChanges(run, start.coverage);
  await writeContext(run, changes, start.coverage);
  for (const [table, { deleted }] of changes) await run.writer.writeDeleted(findSourceTable(model, table), deleted);

  const allWarnings = [
    ...warnings,
    ...start.warnings,
    ...requests.warnings,
    ...run.unreadable.warnings,
    ...(isNew ? [describeNewHistory(proof)] : []),
  ];
  telemetry.metric('FenceAgeSeconds', await readFenceAgeSeconds(store, state, snapshot));
  const answers = requests.answers();
  // A batch without a row still says that a request is answered: it must not wait to meet a change that it was not meant for.
  if (run.writer.isEmpty && answers.ids.length === 0) {
    telemetry.about({ batch: newest });
    telemetry.metric('RunsSucceeded', 1);
    return { outcome: 'unchanged', warnings: allWarnings };
  }
  const walPosition = await waitUntilFlushed(snapshot);
  const outcome = await commitBatch(run, changes, { codeVersion: deps.codeVersion, answers, walPosition });
  if (outcome === 'conflict') return undefined;
  const result = summarize(run, changes);
  const { batch, rows, quarantined } = result;
  telemetry.info('manifest:written', { ...result, manifest: manifestKey(batch), rowsByTable: rowsByTable(run) });
  telemetry.metric('RunsSucceeded', 1);
  telemetry.metric('RowsRead', rows);
  telemetry.metric('RowsQuarantined', quarantined);
  return { ...result, warnings: allWarnings };
}

function describeNewHistory(proof: string | undefined): string {
  const fault = 'the source has another history than the last batch saw; all is read again';
  return proof === undefined ? fault : `${fault}: ${proof}`;
}

function summarize(run: IngestRun, changes: ReadonlyMap<string, TableChanges>) {
  const rowsOf = (parts: readonly { rows: number }[]) => parts.reduce((sum, { rows }) => sum + rows, 0);
  return {
    outcome: 'committed',
    batch: run.writer.batch,
    rows: rowsOf(run.writer.parts.filter(({ role }) => role === 'changed')),
    deleted: rowsOf(run.writer.deleted),
    quarantined: run.writer.quarantinedRows,
    complete: isComplete(changes) && run.requests.isRead,
  } as const;
}

// What the dashboard draws: changed rows, not those that they join to.
function rowsByTable({ writer }: IngestRun): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const part of writer.parts) {
    if (part.role === 'changed') rows[part.table] = (rows[part.table] ?? 0) + part.rows;
  }
  return rows;
}
