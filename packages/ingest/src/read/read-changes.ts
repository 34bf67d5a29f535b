import type { Coverage } from '@totesys/lake';
import { sourceTablesInOrder } from '@totesys/schema';
import { countCovered } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import { ChangeReader, type TableChanges } from './change-reader.ts';

/**
 * Reads all tables in foreign-key order, so that every batch has its references: first what changed, then what requests ask for, then more
 * to cover, so that neither holds up changes. A table whose window is too large for the run takes all behind it along.
 */
export async function readChanges(
  run: IngestRun,
  before: ReadonlyMap<string, Coverage>,
): Promise<Map<string, TableChanges>> {
  const readers = sourceTablesInOrder(run.model).map(
    (table) => new ChangeReader(run, table, before.get(table.name) ?? 'none'),
  );
  const { window, proven } = run;
  const counts = window ? await countCovered(run.snapshot, { window, proven }, readers) : new Map();
  let isCut = false;
  for (const reader of readers) {
    const count = counts.get(reader.table.name);
    if (isCut) reader.fallBack();
    else if (count) isCut = !(await reader.readWindow(count));
  }
  for (const reader of readers) await reader.readRequested();
  for (const reader of readers) {
    if (reader.coverage !== 'full' && !run.budget.isSpent) await reader.cover();
    if (reader.coverage !== 'full') break;
  }
  const changes = new Map<string, TableChanges>();
  for (const reader of readers) changes.set(reader.table.name, await reader.finish());
  return changes;
}
