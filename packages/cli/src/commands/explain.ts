import { mapAhead } from '../batches/map-ahead.ts';
import { describeStory } from '../explain/describe-explanation.ts';
import { findBatches } from '../explain/find-batches.ts';
import { quarantineStates } from '../explain/quarantine-state.ts';
import { type BatchStory, type Lakes, readStory } from '../explain/read-row-in-batch.ts';
import { readWarehouse } from '../explain/read-row-in-warehouse.ts';
import { findSubject } from '../explain/subject.ts';
import { versionsOf } from '../explain/versions.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import { notFound } from '../process/not-found.ts';
import { progressLine } from '../terminal/progress-line.ts';

/** Batches that are read at the same time; each holds one part in memory. */
const READERS = 4;

const explain: Command = async (context, name, keyText) => {
  const { model, terminal } = context;
  const subject = findSubject(model, name, keyText);
  const lakes: Lakes = { model, ingestion: context.ingestion(), processed: context.processed() };
  const logProgress = progressLine(terminal);
  const batches = await findBatches(lakes.ingestion, subject);
  const stories: BatchStory[] = [];
  let read = 0;
  for await (const story of mapAhead(batches, READERS, (batch) => readStory(lakes, subject, batch))) {
    read++;
    logProgress(() => `explain    ${read.toLocaleString('en')} of ${batches.length.toLocaleString('en')} batches read`);
    if (story) stories.push(story);
  }
  const versions = subject.tables.flatMap((table) => versionsOf(table, stories));
  const warehouse =
    context.places.warehouse === undefined
      ? undefined
      : await readWarehouse(await context.warehouse(), subject, versions);
  const quarantine = await quarantineStates(lakes.processed, subject, stories);
  const isKnown = stories.length > 0 || (warehouse?.rows.length ?? 0) > 0;

  for (const line of describeStory(stories, versions, quarantine, warehouse)) terminal.print(line);
  const verdict = isKnown
    ? { ok: true }
    : notFound(terminal, `No batch has a row of '${subject.source.name}' with the key ${subject.key}.`);
  return {
    ...verdict,
    command: 'explain',
    source: subject.source.name,
    tables: subject.tables.map((table) => table.name),
    key: subject.key,
    batches: stories,
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
    'With --warehouse also the record ids and what the warehouse shows.',
  run: explain,
};
