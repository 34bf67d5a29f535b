import { findBeyondThreshold, findIngestionManifest, findProcessedManifest, isBatchAccepted } from '@totesys/lake';
import { findLoadedBatch } from '@totesys/warehouse';
import { type BatchContent, readBatchContent } from '../batches/read-batch-content.ts';
import { countOf } from '../format/count-of.ts';
import { parseBatch } from '../parse/parse-batch.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import { notFound } from '../process/not-found.ts';
import { drawTable } from '../terminal/draw-table.ts';

const showBatch: Command = async (context, number) => {
  const batch = parseBatch(number);
  const { terminal, places } = context;
  const [ingestion, processed] = [context.ingestion(), context.processed()];
  const read = (await findIngestionManifest(ingestion, batch))?.manifest;
  if (!read) {
    const message = `Batch ${batch} is not in the ingestion lake. To see its newest batch, run: totesys status`;
    return { command: 'batch show', batch, ...notFound(terminal, message) };
  }
  const derived = (await findProcessedManifest(processed, batch))?.manifest;
  const content = await readBatchContent({ ingestion, processed }, read, derived);
  const isAccepted = await isBatchAccepted(processed, batch);
  const isLoaded = places.warehouse === undefined ? null : (await findLoadedBatch(await context.warehouse())) >= batch;
  const beyondThreshold = derived ? await findBeyondThreshold(processed, derived) : [];
  const { sourceClock, codeVersion, requests } = read;

  terminal.print(`Batch ${batch}, read at ${sourceClock} by ${codeVersion}`);
  terminal.print(drawSource(content));
  const rows = Object.entries(content.rows ?? {});
  if (rows.length > 0) terminal.print(drawTable(['warehouse table', 'rows'], rows));
  if (requests.length > 0) terminal.print(`It answers the requests ${requests.join(', ')}.`);
  if (!derived) terminal.print('It is not transformed yet.');
  if (isAccepted) terminal.print('It is accepted: load takes it without its quarantined rows.');
  if (isLoaded) terminal.print('It is loaded.');
  else if (isLoaded === false && derived) terminal.print('It is not loaded yet.');
  for (const fault of isLoaded ? [] : beyondThreshold) terminal.print(describeBeyondThreshold(batch, fault));
  return {
    ok: true,
    command: 'batch show',
    batch,
    sourceClock,
    isAccepted,
    isLoaded,
    requests,
    ...content,
    beyondThreshold: beyondThreshold.map(({ table, rows, quarantined }) => ({ table, rows, quarantined })),
  };
};

/** `totesys batch show N`: the rows of a batch, those in quarantine, and the reason why it does not load. */
export const batchShowCommand: CommandDefinition = {
  usage: 'batch show <batch>',
  summary: 'show the rows of a batch, and why it is not loaded',
  needs: ['ingestion', 'processed'],
  run: showBatch,
};

function describeBeyondThreshold(
  batch: number,
  { table, rows, quarantined }: { readonly table: string; readonly rows: number; readonly quarantined: number },
): string {
  return (
    `${quarantined.toLocaleString('en')} of ${countOf(rows, 'row')} of '${table}' are in quarantine, above the ` +
    `threshold. Load waits until later batches correct enough of them, or until you run: totesys batch accept ${batch}`
  );
}

// The column of faults is drawn only if some row has more than one.
function drawSource({ changed, deleted, quarantined }: BatchContent): string {
  const tables = [...new Set([changed, deleted, quarantined].flatMap(Object.keys))];
  const hasMoreFaults = Object.values(quarantined).some(({ rows, faults }) => faults > rows);
  return drawTable(
    ['source table', 'changed', 'deleted', 'in quarantine', ...(hasMoreFaults ? ['faults'] : [])],
    tables.map((table) => {
      const { rows, faults } = quarantined[table] ?? { rows: 0, faults: 0 };
      return [table, changed[table] ?? 0, deleted[table] ?? 0, rows, ...(hasMoreFaults ? [faults] : [])];
    }),
  );
}
