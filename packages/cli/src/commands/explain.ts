import { mapAhead } from '../batches/map-ahead.ts';
import { describeExplanation } from '../explain/describe-explanation.ts';
import { findBatches } from '../explain/find-batches.ts';
import { quarantineStates } from '../explain/quarantine-state.ts';
import { type Lakes, type RowInBatch, readRowInBatch } from '../explain/read-row-in-batch.ts';
import { readRowInWarehouse } from '../explain/read-row-in-warehouse.ts';
import { findSubject } from '../explain/subject.ts';
import { versionsOf } from '../explain/versions.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import { notFound } from '../process/not-found.ts';
import { progressLine } from '../terminal/progress-line.ts';

/** Batches that are read at the same time; each has one part in memory. */
const READERS = 4;

const explain: Command = async (context, name, keyText) => {
  const { model, terminal } = context;
  const subject = findSubject(model, name, keyText);
  const lakes: Lakes = { model, ingestion: context.ingestion(), processed: context.processed() };
  const logProgress = progressLine(terminal);
  const candidates = await findBatches(lakes.ingestion, subject);
  const batches: RowInBatch[] = [];
  let read = 0;
  for await (const row of mapAhead(candidates, READERS, (batch) => readRowInBatch(lakes, subject, batch))) {
    read++;
    logProgress(
      () => `explain    ${read.toLocaleString('en')} of ${candidates.length.toLocaleString('en')} batches read`,
    );
    if (row) batches.push(row);
  }
  const versions = subject.tables.flatMap((table) => versionsOf(table, batches));
  const warehouse =
    context.places.warehouse === undefined
      ? undefined
      : await readRowInWarehouse(await context.warehouse(), subject, versions);
  const quarantine = await quarantineStates(lakes.processed, subject, batches);
  const isKnown = batches.length > 0 || (warehouse?.rows.length ?? 0) > 0;

  for (const line of describeExplanation({ batches, versions, quarantine, warehouse })) terminal.print(line);
  const verdict = isKnown
    ? { ok: true }
    : notFound(terminal, `No batch has a row of '${subject.source.name}' with the key ${subject.key}.`);
  return {
    ...verdict,
    command: 'explain',
    source: subject.source.name,
    tables: subject.tables.map((table) => table.name),
    key: subject.key,
    batches,
    versions,
    quarantine,
    warehouse: warehouse ?? null,
  };
};

/** `totesys explain TABLE KEY`: the origin of each version of a row, with its values. */
export const explainCommand: CommandDefinition = {
  usage: 'explain <table> <key>',
  summary: 'show the batch, the objects and the values of each version of a row',
  needs: ['ingestion', 'processed'],
  notes:
    'TABLE is a table of the source, a fact or a dimension; KEY is the key of the row in the source.\n' +
    'The output contains values, which may be personal data.\n' +
    'With --warehouse, it also shows the record ids and the rows of the warehouse.',
  run: explain,
};
