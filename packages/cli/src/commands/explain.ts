import { describeExplanation } from '../explain/describe-explanation.ts';
import { explainRow } from '../explain/explain-row.ts';
import { findSubject } from '../explain/subject.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import { notFound } from '../process/not-found.ts';
import { progressLine } from '../terminal/progress-line.ts';

const explain: Command = async (context, name, keyText) => {
  const { model, terminal } = context;
  const subject = findSubject(model, name, keyText);
  const logProgress = progressLine(terminal);
  const { batches, versions, quarantine, warehouse } = await explainRow(context, subject, (read, of) =>
    logProgress(() => `explain    ${read.toLocaleString('en')} of ${of.toLocaleString('en')} batches read`),
  );
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
