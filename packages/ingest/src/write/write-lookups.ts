import { keysOfColumn, type SourcePart } from '@totesys/lake';
import type { Connection } from '@totesys/runtime';
import { findSourceTable, joinsOf, type SourceTable } from '@totesys/schema';
import { type RowSelection, readRows, readWithoutUnreadable, type SnapshotTable } from '@totesys/source';
import type * as arrow from 'apache-arrow';
import type { IngestRun } from '../open/ingest-run.ts';
import { quarantineUnreadable } from './quarantine.ts';

/** Keys that one statement looks up. */
const LOOKUP_KEYS = 200_000;

/**
 * Writes the rows that a block joins to, if a dimension is derived from its table, so that transform needs no other
 * batch.
 */
export async function writeLookups(
  run: IngestRun,
  table: SourceTable,
  part: SourcePart,
  block: arrow.RecordBatch,
): Promise<void> {
  // The block's own statement is still streaming on the first connection.
  const [, connection] = run.snapshot.connections as readonly [Connection, Connection];
  for (const join of joinsOf(run.model)) {
    if (join.source !== table.name) continue;
    const target = findSourceTable(run.model, join.table);
    const from = { connection, table: target, window: run.window };
    const wanted = keysOfColumn(block, join.by).minus(run.unreadable.keysOf(target.name));
    for (const keys of wanted.chunks(LOOKUP_KEYS)) {
      await readWithoutUnreadable(from, { keysIn: { column: target.key, keys } }, async (selection, unreadable) => {
        await quarantineUnreadable(run, from, [...unreadable]);
        await writeLookup(run, from, selection, { part: part.key, by: join.by });
      });
    }
  }
}

async function writeLookup(
  run: IngestRun,
  from: SnapshotTable,
  selection: RowSelection,
  lookupFor: NonNullable<SourcePart['lookupFor']>[number],
): Promise<void> {
  const onBlock = async (rows: arrow.RecordBatch) => {
    await run.writer.writeRows(from.table, 'lookup', rows, lookupFor);
  };
  await run.writer.writeOrDiscard(() => readRows(from, { selection, visit: () => true, rejectRows: false, onBlock }));
}
