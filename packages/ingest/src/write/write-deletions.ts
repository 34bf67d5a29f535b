import { findSourceTable } from '@totesys/schema';
import type { IngestRun } from '../open/ingest-run.ts';
import type { TableChanges } from '../read/table-changes.ts';

/** Writes the deleted keys of every table. */
export async function writeDeletions(
  { model, writer }: IngestRun,
  changes: ReadonlyMap<string, TableChanges>,
): Promise<void> {
  for (const [table, { deleted }] of changes) await writer.writeDeleted(findSourceTable(model, table), deleted);
}
