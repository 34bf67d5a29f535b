import { mapAhead } from '../batches/map-ahead.ts';
import type { CommandContext } from '../process/command-context.ts';
import type { Explanation } from './describe-explanation.ts';
import { findBatches } from './find-batches.ts';
import { quarantineStates } from './quarantine-state.ts';
import { type Lakes, type RowInBatch, readRowInBatch } from './read-row-in-batch.ts';
import { readRowInWarehouse } from './read-row-in-warehouse.ts';
import type { Subject } from './subject.ts';
import { versionsOf } from './versions.ts';

/** Batches that are read at the same time; each has one part in memory. */
const READERS = 4;

/**
 * Reads all that the lakes and, if it is named, the warehouse know of a row. `onBatch` gets how many batches are read.
 */
export async function explainRow(
  context: CommandContext,
  subject: Subject,
  onBatch: (read: number, of: number) => void = () => {},
): Promise<Explanation> {
  const lakes: Lakes = { model: context.model, ingestion: context.ingestion(), processed: context.processed() };
  const candidates = await findBatches(lakes.ingestion, subject);
  const batches: RowInBatch[] = [];
  let read = 0;
  for await (const row of mapAhead(candidates, READERS, (batch) => readRowInBatch(lakes, subject, batch))) {
    read++;
    onBatch(read, candidates.length);
    if (row) batches.push(row);
  }
  const versions = subject.tables.flatMap((table) => versionsOf(table, batches));
  const warehouse =
    context.places.warehouse === undefined
      ? undefined
      : await readRowInWarehouse(await context.warehouse(), subject, versions);
  const quarantine = await quarantineStates(lakes.processed, subject, batches);
  return { batches, versions, quarantine, warehouse };
}
