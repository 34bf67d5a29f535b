import { findSettled } from '@totesys/source';
import { isComplete } from '../commit/commit-batch.ts';
import type { IngestRun } from '../open/ingest-run.ts';
import type { TableChanges } from '../read/table-changes.ts';
import type { RunMemory } from './run-memory.ts';

/** The newest batch after a run. */
export interface NewestBatch {
  readonly batch: number;
  readonly sha256: string;
}

/** Remembers the run's snapshot if the batches carry all of it and a later run can prove that it is the newest. */
export async function rememberSettled(
  memory: RunMemory | undefined,
  run: IngestRun,
  changes: ReadonlyMap<string, TableChanges>,
  newest: NewestBatch | undefined,
): Promise<void> {
  if (!memory || !newest || !isComplete(changes) || !run.requests.isRead) return;
  const snapshot = await findSettled(run.snapshot, run.model);
  if (!snapshot) return;
  const { batch, sha256: manifestSha256 } = newest;
  const scannedAt = run.followed && run.scannedTo.clock;
  memory.settled = { snapshot, batch, manifestSha256, scannedAt, warnings: run.standingWarnings };
}
