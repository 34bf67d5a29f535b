import type { RowVisitor } from '@totesys/columns';
import { factsOf, type Model, type SourceTable } from '@totesys/schema';
import {
  type RowFault,
  type RowSelection,
  readKeys,
  readRows,
  readWithoutUnreadable,
  type SnapshotTable,
} from '@totesys/source';
import { type IngestRun, snapshotTable } from '../open/ingest-run.ts';
import type { RowTally } from '../read/row-tally.ts';
import { quarantineLeftOut, quarantineUnreadable } from './quarantine.ts';
import { writeLookups } from './write-lookups.ts';

/**
 * Streams the selected rows into the batch, each block with the rows that it looks up. Values that cannot be carried
 * and rows that the source cannot read go to quarantine. Returns the number of rows carried or left out. `begin`
 * begins the tally of a statement.
 */
export async function writeSelected(
  run: IngestRun,
  table: SourceTable,
  role: 'changed' | 'context',
  { selection, begin }: { selection: RowSelection; begin: () => RowTally },
): Promise<number> {
  const from = snapshotTable(run, table);
  return await readWithoutUnreadable(from, selection, (readable, unreadable) =>
    run.writer.writeOrDiscard(async () => {
      const { visit, keep } = begin();
      const rows = await writeReadable(run, from, role, { selection: readable, visit });
      const leftOut = await leaveOutUnreadable(run, from, unreadable, visit);
      keep();
      return rows + leftOut;
    }),
  );
}

async function writeReadable(
  run: IngestRun,
  from: SnapshotTable,
  role: 'changed' | 'context',
  { selection, visit }: { selection: RowSelection; visit: RowVisitor },
): Promise<number> {
  const { table } = from;
  const rejectRows = feedsFact(run.model, table.name);
  let rows = 0;
  const leftOut = await readRows(from, {
    selection,
    visit,
    rejectRows,
    onBlock: async (block) => {
      const part = await run.writer.writeRows(table, role, block);
      await writeLookups(run, table, part, block);
      rows += block.numRows;
      run.telemetry.progress(table.name, run.writer.rowsOf(table.name));
    },
  });
  if (role === 'changed') await quarantineLeftOut(run, from, leftOut);
  // A row that is left out uses as much of the budget as one that is carried.
  const keys = new Set([...leftOut.uncarriable.map(({ key }) => key), ...leftOut.withLongTexts]);
  return rows + (rejectRows ? keys.size : 0);
}

// A fact's row goes to quarantine whole; a dimension's row is carried without the value.
function feedsFact(model: Model, table: string): boolean {
  return factsOf(model).some((fact) => fact.source === table);
}

// An unreadable row counts as present, and with its xmin as carried: it is read again once its xmin changes or a
// request asks for it.
async function leaveOutUnreadable(
  run: IngestRun,
  from: SnapshotTable,
  unreadable: ReadonlyMap<number, RowFault>,
  visit: RowVisitor,
): Promise<number> {
  if (unreadable.size === 0) return 0;
  const accepted = new Set<number>();
  const selection = { keysIn: { column: from.table.key, keys: [...unreadable.keys()] } };
  await readKeys(from, selection, (xmin, key) => {
    if (visit(xmin, key)) accepted.add(key);
  });
  const rows = [...unreadable].filter(([key]) => accepted.has(key));
  await quarantineUnreadable(run, from, rows);
  return rows.length;
}
