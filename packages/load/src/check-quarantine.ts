import { acceptedKey, type ProcessedManifest, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/** More than this share of a table's rows in a batch, and more than this many, is a broken source and not a broken row. */
const THRESHOLD_SHARE = 0.01;
const THRESHOLD_ROWS = 100;

/** Stops a batch of which too many rows are in quarantine, unless a person has accepted it. */
export async function checkQuarantine(store: Store, manifest: ProcessedManifest): Promise<void> {
  for (const [table, { rows, quarantined }] of Object.entries(manifest.counts)) {
    if (quarantined <= THRESHOLD_ROWS || quarantined <= THRESHOLD_SHARE * rows) continue;
    if (await store.find(acceptedKey(manifest.batch))) return;
    throw new PipelineError(
      ErrorCode.QUARANTINE_THRESHOLD,
      `Batch ${manifest.batch} has ${quarantined} of ${rows} rows of table '${table}' in quarantine: expected at most ${100 * THRESHOLD_SHARE} % or ${THRESHOLD_ROWS} rows. See why with: totesys batch show ${manifest.batch}; then load it without them with: totesys batch accept ${manifest.batch}`,
      { context: { batch: manifest.batch, table, rows, quarantined } },
    );
  }
}
