import { atDatabase, ErrorCode, type HolderLimits, PipelineError, type Pool } from '@totesys/runtime';
import { judgeOtherIngest, openSourceSnapshot, type SourceSnapshot } from '@totesys/source';
import { commitBatch, movesCoverage } from './commit/commit-batch.ts';
import { advanceHint } from './hints/advance-hint.ts';
import { HINT_AUDIT_MINUTES, type HintMode, type HintOptions } from './hints/hint-mode.ts';
import { reportRetainedAfter } from './hints/release.ts';
import { reportHint } from './hints/report-hint.ts';
import { takeHint } from './hints/take-hint.ts';
import { findIdle } from './idle/find-idle.ts';
import { type NewestBatch, rememberSettled } from './idle/remember-settled.ts';
import type { RunMemory } from './idle/run-memory.ts';
import { chooseReading } from './open/choose-reading.ts';
import type { IngestRun, RunDeps } from './open/ingest-run.ts';
import { openRun } from './open/open-run.ts';
import { readChanges } from './read/read-changes.ts';
import type { TableChanges } from './read/table-changes.ts';
import type { IngestResult } from './report/ingest-result.ts';
import { reportBehind, reportCommitted, reportFenceAge, reportIdle, reportUnchanged } from './report/report-run.ts';
import { writeContext } from './write/write-context.ts';
import { writeDeletions } from './write/write-deletions.ts';

export {
  HINT_AUDIT_LIMITS,
  HINT_AUDIT_MINUTES,
  HINT_AUDIT_RULE,
  HINT_MODES,
  type HintMode,
} from './hints/hint-mode.ts';
export type { RunMemory } from './idle/run-memory.ts';
export type { IngestPlan, PlannedTable } from './plan/ingest-plan.ts';
export { planIngest } from './plan/plan-ingest.ts';
export type { IngestResult } from './report/ingest-result.ts';

/** What ingest works with. */
export interface IngestDeps extends RunDeps {
  /** The source. A run takes up to three connections, one more with hints, and returns them all. */
  readonly source: Pool;
  /** Whether the run uses change hints; by default it does not. */
  readonly hints?: HintMode;
  /** The time from a scan until an audit is due, by the source's clock: milliseconds; by default an hour. */
  readonly hintAuditMs?: number;
  /** How long the session of another run may stay the same before it counts as dead; by default longer than any run. */
  readonly holderLimits?: HolderLimits;
  /** What the process remembers of its last run; without it, every run scans. */
  readonly memory?: RunMemory;
}

/**
 * Attempts to commit before a run stops because another run committed the same number; the advisory lock makes
 * even one conflict rare.
 */
const MAX_ATTEMPTS = 5;

/**
 * Reads what changed in the source since the last manifest into the next batch, under one snapshot. Without changes
 * it writes no object.
 */
export async function ingest(deps: IngestDeps): Promise<IngestResult> {
  try {
    return await atDatabase('source', () => ingestNext(deps));
  } catch (error) {
    if (hintOptions(deps).mode !== 'off') await reportRetainedAfter(error, deps);
    throw error;
  }
}

async function ingestNext(deps: IngestDeps): Promise<IngestResult> {
  const idle = await findIdle(deps.memory, deps, hintOptions(deps));
  if (idle) return reportIdle(deps.telemetry, idle);
  // However this run ends, the next one relies only on what this one proves.
  if (deps.memory) deps.memory.settled = undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
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
  const fault = `Ingest lost the race for a batch's number ${MAX_ATTEMPTS} times: expected no other ingest`;
  throw new PipelineError(
    ErrorCode.OBJECT_CONFLICT,
    `${fault}. Check that only one ingest is deployed for this bucket; the next run tries again.`,
  );
}

async function yieldToOther({ source, holderLimits }: IngestDeps): Promise<IngestResult> {
  const { reason, warning } = await judgeOtherIngest(source, holderLimits);
  return { outcome: 'yielded', reason, warnings: warning === undefined ? [] : [warning] };
}

// Returns undefined if another run has committed the batch's number first: the snapshot of this run may be older than
// that batch.
async function ingestSnapshot(deps: IngestDeps, snapshot: SourceSnapshot): Promise<IngestResult | undefined> {
  const opened = await openRun(deps, snapshot);
  if ('behind' in opened) return reportBehind(deps.telemetry, snapshot, opened.behind);
  const options = hintOptions(deps);
  const hint = options.mode === 'off' ? undefined : await takeHint(deps.source, opened.run, options);
  const run = await chooseReading(opened.run, hint);
  const changes = await readBatch(run);
  reportHint(run, changes);
  await reportFenceAge(run);
  const answers = run.requests.answers();
  // A batch without rows still records that a request is answered. Otherwise the request would apply to a later,
  // unrelated change. It also records that a table without further rows is covered, which hints require.
  const mustCommit = answers.ids.length > 0 || hint?.mustCommit === true || movesCoverage(run, changes);
  if (run.writer.isEmpty && !mustCommit) {
    await rememberSettled(deps.memory, run, changes, newestBefore(run));
    return reportUnchanged(run);
  }
  const { outcome, sha256 } = await commitBatch(run, changes, answers);
  if (outcome === 'conflict') return undefined;
  await advanceHint(deps.source, run);
  await rememberSettled(deps.memory, run, changes, { batch: run.writer.batch, sha256 });
  return reportCommitted(run, changes);
}

function hintOptions({
  hints: mode = 'off',
  hintAuditMs: auditMs = 60_000 * HINT_AUDIT_MINUTES,
}: IngestDeps): HintOptions {
  return { mode, auditMs };
}

function newestBefore({ state }: IngestRun): NewestBatch | undefined {
  return state && { batch: state.manifest.batch, sha256: state.sha256 };
}

async function readBatch(run: IngestRun): Promise<ReadonlyMap<string, TableChanges>> {
  const changes = await readChanges(run);
  await writeContext(run, changes);
  await writeDeletions(run, changes);
  return changes;
}
