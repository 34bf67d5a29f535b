import { sourceTablesInOrder } from '@totesys/schema';
import { candidatesOf, countCovered, type RowCounts } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import { carryCandidates } from './carry-candidates.ts';
import { carryRequested } from './carry-requested.ts';
import { carryWindow } from './carry-window.ts';
import { coverTable } from './cover-table.ts';
import { finishTable, type TableChanges } from './table-changes.ts';
import { TableProgress } from './table-progress.ts';

/**
 * Reads all tables in foreign-key order, so that every batch has its references. Changes come first, then requests,
 * then coverage, so that neither requests nor coverage delay changes.
 */
export async function readChanges(run: IngestRun): Promise<Map<string, TableChanges>> {
  const tables = sourceTablesInOrder(run.model).map((table) => new TableProgress(run, table));
  await carryWindows(run, tables);
  for (const progress of tables) await carryRequested(progress);
  for (const progress of tables) {
    if (progress.coverage !== 'full' && !run.budget.endsCovering) await coverTable(progress);
    if (progress.coverage !== 'full') break;
  }
  const changes = new Map<string, TableChanges>();
  for (const progress of tables) changes.set(progress.table.name, await finishTable(progress));
  return changes;
}

// If the window of one table is too large for the run, the tables after it lose their coverage: their rows may refer
// to rows not yet read.
async function carryWindows(run: IngestRun, tables: readonly TableProgress[]): Promise<void> {
  const { followed } = run;
  // A hint does not name the rows that TRUNCATE deletes, so the table is scanned.
  const scanned = followed ? tables.filter(({ table }) => followed.truncated.has(table.name)) : tables;
  const counts = await countTables(run, scanned);
  let isCut = false;
  for (const progress of tables) {
    const count = counts.get(progress.table.name);
    if (isCut) progress.coverage = 'none';
    else if (count) isCut = !(await carryWindow(progress, count));
    else if (followed) await carryCandidates(progress, candidatesOf(followed, progress.table.name));
  }
}

async function countTables(
  { snapshot, window, proven }: IngestRun,
  tables: readonly TableProgress[],
): Promise<ReadonlyMap<string, RowCounts>> {
  return window ? await countCovered(snapshot, { window, proven }, tables) : new Map();
}
