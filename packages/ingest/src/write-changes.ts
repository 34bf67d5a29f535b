import { keysOfColumn, type SourcePart } from '@totesys/lake';
import type { Connection } from '@totesys/runtime';
import { findSourceTable, joinsOf, type SourceTable } from '@totesys/schema';
import type * as arrow from 'apache-arrow';
import type { RowFilter, Uncarriable } from './copy-decoder.ts';
import { feedsFact, type IngestRun } from './ingest-run.ts';
import { readRows } from './read-rows.ts';
import { type RowSelection, readExactTexts } from './sql/select-rows.ts';

/** Keys looked up by one statement. */
const LOOKUP_KEYS = 200_000;
/** Quarantined rows whose texts one statement reads: each may be long. */
const TEXT_ROWS = 500;

/** Streams selected rows into the batch, each block with the rows that it looks up, and quarantines what cannot be carried; gives how many rows that were. */
export async function writeSelected(
  run: IngestRun,
  table: SourceTable,
  role: 'changed' | 'context',
  selection: RowSelection,
  accept: RowFilter,
): Promise<number> {
  const [main, beside] = run.snapshot.connections as readonly [Connection, Connection];
  const rejectRows = feedsFact(run.model, table.name);
  let rows = 0;
  const uncarriable = await readRows(main, table, {
    selection,
    window: run.window,
    accept,
    rejectRows,
    onBlock: async (block) => {
      const part = await run.writer.writeRows(table, role, block);
      await writeLookups(run, beside, table, part, block);
      rows += block.numRows;
      run.telemetry.progress(table.name, run.writer.rowsOf(table.name));
    },
  });
  if (role === 'changed') await writeUncarriable(run, main, table, uncarriable);
  // A row that is left out weighs in a batch as much as one that is carried.
  return rows + (rejectRows ? new Set(uncarriable.map(({ key }) => key)).size : 0);
}

// A part that a dimension joins from travels with all the rows that it joins to, so that transform needs nothing else.
async function writeLookups(
  run: IngestRun,
  connection: Connection,
  table: SourceTable,
  part: SourcePart,
  block: arrow.RecordBatch,
): Promise<void> {
  for (const join of joinsOf(run.model)) {
    if (join.source !== table.name) continue;
    const lookedUp = findSourceTable(run.model, join.table);
    for (const keys of keysOfColumn(block, join.by).chunks(LOOKUP_KEYS)) {
      await readRows(connection, lookedUp, {
        selection: { keysIn: { column: lookedUp.key, keys } },
        window: run.window,
        accept: () => true,
        rejectRows: false,
        onBlock: async (rows) => {
          await run.writer.writeRows(lookedUp, 'lookup', rows, { part: part.key, by: join.by });
        },
      });
    }
  }
}

async function writeUncarriable(
  run: IngestRun,
  connection: Connection,
  table: SourceTable,
  uncarriable: readonly Uncarriable[],
): Promise<void> {
  for (let at = 0; at < uncarriable.length; at += TEXT_ROWS) {
    const values = uncarriable.slice(at, at + TEXT_ROWS);
    const keys = [...new Set(values.map(({ key }) => key))];
    const rows = await connection.unsafe(readExactTexts(table), [`{${keys.join(',')}}`]);
    const rowOf = new Map(rows.map(({ key, row }) => [Number(key), row as string]));
    await run.writer.writeQuarantine(
      table.name,
      values.map((value) => {
        const row = rowOf.get(value.key) ?? '{}';
        return { ...value, row, text: (JSON.parse(row) as Record<string, string | null>)[value.column] ?? null };
      }),
    );
  }
}
