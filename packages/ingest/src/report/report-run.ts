import { manifestKey } from '@totesys/lake';
import type { StageTelemetry, Telemetry } from '@totesys/runtime';
import type { SourceSnapshot } from '@totesys/source';
import { isComplete } from '../commit/commit-batch.ts';
import { describeRefusal } from '../hints/report-hint.ts';
import type { Idle } from '../idle/find-idle.ts';
import type { IngestRun } from '../open/ingest-run.ts';
import type { TableChanges } from '../read/table-changes.ts';
import { readFenceAgeSeconds } from './fence-age.ts';
import type { IngestResult } from './ingest-result.ts';

/** Why a run yields to a standby that has not caught up. */
export const BEHIND = 'the source is behind the last batch: a standby that has not caught up';

/** Reports a run that yields because the source is behind the last batch. */
export function reportBehind(
  telemetry: Telemetry,
  { source }: SourceSnapshot,
  warnings: readonly string[],
): IngestResult {
  telemetry.warn('source:behind', { walPosition: source.walPosition });
  return { outcome: 'yielded', reason: BEHIND, warnings: [...warnings, BEHIND] };
}

/** Reports how long the oldest open transaction has held the fence back. */
export async function reportFenceAge({ store, state, snapshot, telemetry }: IngestRun): Promise<void> {
  telemetry.metric('FenceAgeSeconds', await readFenceAgeSeconds(store, state, snapshot));
}

/** Reports a run that read no table, because the source is as the last run left it. */
export function reportIdle(
  telemetry: StageTelemetry<'ingest'>,
  { settled: { batch, warnings }, retainedWalBytes }: Idle,
): IngestResult {
  telemetry.about({ batch });
  for (const warning of warnings) telemetry.warn('source:unlike-model', { warning });
  // No transaction is in progress, so none holds the fence back.
  telemetry.metric('FenceAgeSeconds', 0);
  if (retainedWalBytes !== undefined) telemetry.metric('RetainedWalBytes', retainedWalBytes);
  telemetry.metric('RunsSucceeded', 1);
  return { outcome: 'unchanged', warnings };
}

/** Reports a run that found nothing to write. */
export function reportUnchanged(run: IngestRun): IngestResult {
  run.telemetry.about({ batch: run.writer.batch - 1 });
  run.telemetry.metric('RunsSucceeded', 1);
  return { outcome: 'unchanged', warnings: warningsOf(run) };
}

/** Reports a batch whose manifest is written. */
export function reportCommitted(run: IngestRun, changes: ReadonlyMap<string, TableChanges>): IngestResult {
  const { telemetry, writer } = run;
  const { batch, quarantinedRows: quarantined } = writer;
  const rowsByTable = countRowsByTable(run);
  const rows = sum(Object.values(rowsByTable));
  const deleted = sum(writer.deleted.map((part) => part.rows));
  const complete = isComplete(changes) && run.requests.isRead;
  const result = { outcome: 'committed', batch, rows, deleted, quarantined, complete } as const;
  telemetry.info('manifest:written', { ...result, manifest: manifestKey(batch), rowsByTable });
  telemetry.metric('RunsSucceeded', 1);
  telemetry.metric('RowsRead', rows);
  telemetry.metric('RowsQuarantined', quarantined);
  return { ...result, warnings: warningsOf(run) };
}

function warningsOf(run: IngestRun): string[] {
  const { standingWarnings, layoutWarnings, requests, unreadable, historyWarning, hint } = run;
  const others = [historyWarning, hint && describeRefusal(hint)].filter((warning) => warning !== undefined);
  return [...standingWarnings, ...layoutWarnings, ...requests.warnings, ...unreadable.warnings, ...others];
}

// The dashboard shows changed rows only: the rows that they join to would be counted twice.
function countRowsByTable({ writer }: IngestRun): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const part of writer.parts) {
    if (part.role === 'changed') rows[part.table] = (rows[part.table] ?? 0) + part.rows;
  }
  return rows;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
