import type { RowVisitor, Uncarriable } from '@totesys/columns';
import { keysOfColumn, type QuarantinedValue, type SourcePart } from '@totesys/lake';
import type { Connection } from '@totesys/runtime';
import { findSourceTable, joinsOf, type SourceTable } from '@totesys/schema';
import {
  findUnreadableColumns,
  type Reading,
  type RowFault,
  type RowSelection,
  readAround,
  readExactTexts,
  readKeys,
  readRows,
} from '@totesys/source';
import type * as arrow from 'apache-arrow';
import { feedsFact, type IngestRun } from '../open/ingest-run.ts';
import type { RowTally } from '../read/row-tally.ts';

/** Keys looked up by one statement. */
const LOOKUP_KEYS = 200_000;
/** Quarantined rows whose texts one statement reads: each may be long. */
const TEXT_ROWS = 500;

/**
 * Streams selected rows into the batch, each block with the rows that it looks up, and quarantines what cannot be carried or read; returns how many
 * rows that were.
 */
export async function writeSelected(
  run: IngestRun,
  table: SourceTable,
  role: 'changed' | 'context',
  { selection, begin }: { selection: RowSelection; begin: () => RowTally },
): Promise<number> {
  const [connection] = run.snapshot.connections;
  const reading = { connection, table, window: run.window };
  return await readAround(reading, selection, async (readable, unreadable) => {
    const takeBack = run.writer.mark();
    const tally = begin();
    try {
      const rows = await writeReadable(run, table, role, { selection: readable, accept: tally.accept });
      const left = await writeUnreadable(run, reading, unreadable, tally.accept);
      tally.keep();
      return rows + left;
    } catch (error) {
      takeBack();
      throw error;
    }
  });
}

async function writeReadable(
  run: IngestRun,
  table: SourceTable,
  role: 'changed' | 'context',
  { selection, accept }: { selection: RowSelection; accept: RowVisitor },
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

// An unreadable row counts as present, and with its transaction id as carried: it comes again once that changes, or when a request asks for it.
async function writeUnreadable(
  run: IngestRun,
  reading: Reading,
  unreadable: ReadonlyMap<number, RowFault>,
  accept: RowVisitor,
): Promise<number> {
  if (unreadable.size === 0) return 0;
  const { connection, table, window } = reading;
  const accepted = new Set<number>();
  const selection = { keysIn: { column: table.key, keys: [...unreadable.keys()] } };
  await readKeys(connection, table, selection, window, (shown, key) => {
    if (accept(shown, key)) accepted.add(key);
  });
  const left = [...unreadable].filter(([key]) => accepted.has(key));
  await quarantineUnreadable(run, reading, left);
  return left.length;
}

async function quarantineUnreadable(
  run: IngestRun,
  reading: Reading,
  rows: readonly (readonly [number, RowFault])[],
): Promise<void> {
  const { name } = reading.table;
  const values: QuarantinedValue[] = [];
  for (const [key, fault] of rows) {
    if (run.unreadable.has(name, key)) continue;
    run.unreadable.add(name, key, fault);
    run.telemetry.warn('row:unreadable', { table: name, key, ...fault });
    for (const { column, fault } of await findUnreadableColumns(reading, key)) {
      values.push({
        key,
        column,
        reason: `unreadable in the source: SQLSTATE ${fault.sqlstate}`,
        text: null,
        row: '{}',
      });
    }
  }
  await run.writer.writeQuarantine(name, values);
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
    const reading = { connection, table: lookedUp, window: run.window };
    const wanted = keysOfColumn(block, join.by).minus(run.unreadable.keysOf(lookedUp.name));
    for (const keys of wanted.chunks(LOOKUP_KEYS)) {
      await readAround(reading, { keysIn: { column: lookedUp.key, keys } }, async (selection, unreadable) => {
        await quarantineUnreadable(run, reading, [...unreadable]);
        await writeLookup(run, reading, selection, { part: part.key, by: join.by });
      });
    }
  }
}

async function writeLookup(
  run: IngestRun,
  { connection, table, window }: Reading,
  selection: RowSelection,
  lookupFor: NonNullable<SourcePart['lookupFor']>[number],
): Promise<void> {
  const takeBack = run.writer.mark();
  try {
    await readRows(connection, table, {
      selection,
      window,
      accept: () => true,
      rejectRows: false,
      onBlock: async (rows) => {
        await run.writer.writeRows(table, 'lookup', rows, lookupFor);
      },
    });
  } catch (error) {
    takeBack();
    throw error;
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
