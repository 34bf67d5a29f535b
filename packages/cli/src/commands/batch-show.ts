import { acceptedKey, findBeyondThreshold, findIngestionManifest, findProcessedManifest } from '@totesys/lake';
import { findLoadedBatch } from '@totesys/warehouse';
import { type BatchContent, readBatchContent } from '../batches/read-batch-content.ts';
import { countOf } from '../format/count-of.ts';
import { parseBatch } from '../parse/parse-batch.ts';
import type { Command } from '../process/command-context.ts';
import { notFound } from '../process/not-found.ts';
import { drawTable } from '../terminal/draw-table.ts';

/** `totesys batch show N`: its rows table by table, those that it put into quarantine, and what keeps it from the warehouse. */
export const showBatch: Command = async (context, number) => {
  const batch = parseBatch(number);
  const { terminal, places } = context;
  const [ingestion, processed] = [context.ingestion(), context.processed()];
  const read = (await findIngestionManifest(ingestion, batch))?.manifest;
  if (!read) {
    const message = `Batch ${batch} is not in the ingestion lake. See how far it goes with: totesys status`;
    return { command: 'batch show', batch, ...notFound(terminal, message) };
  }
  const derived = (await findProcessedManifest(processed, batch))?.manifest;
  const content = await readBatchContent({ ingestion, processed }, read, derived);
  const isAccepted = (await processed.find(acceptedKey(batch))) !== undefined;
  const isLoaded = places.warehouse === undefined ? null : (await findLoadedBatch(await context.warehouse())) >= batch;
  const beyondThreshold = derived ? await findBeyondThreshold(processed, derived) : [];
  const { sourceClock, codeVersion, requests } = read;

  terminal.say(`Batch ${batch}, read at ${sourceClock} by ${codeVersion}`);
  terminal.say(drawSource(content));
  const rows = Object.entries(content.rows ?? {});
  if (rows.length > 0) terminal.say(drawTable(['warehouse table', 'rows'], rows));
  if (requests.length > 0) terminal.say(`It answers the requests ${requests.join(', ')}.`);
  if (!derived) terminal.say('It is not transformed yet.');
  if (isAccepted) terminal.say('Its quarantined rows are accepted: load takes it as it is.');
  if (isLoaded) terminal.say('It is loaded.');
  else if (isLoaded === false && derived) terminal.say('It is not loaded yet.');
  for (const { table, rows: all, quarantined } of isLoaded ? [] : beyondThreshold) {
    terminal.say(
      `${quarantined.toLocaleString('en')} of ${countOf(all, 'row')} of '${table}' are in quarantine, too many to load it by itself: it waits for later batches that mend them, or for: totesys batch accept ${batch}`,
    );
  }
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

// A row may have several faults: these are counted where they are more than the rows.
function drawSource({ changed, deleted, quarantined }: BatchContent): string {
  const tables = [...new Set([changed, deleted, quarantined].flatMap(Object.keys))];
  const hasMoreFaults = Object.values(quarantined).some(({ rows, faults }) => faults > rows);
  return drawTable(
    ['source table', 'changed', 'deleted', 'in quarantine', ...(hasMoreFaults ? ['faults of these'] : [])],
    tables.map((table) => {
      const { rows, faults } = quarantined[table] ?? { rows: 0, faults: 0 };
      return [table, changed[table] ?? 0, deleted[table] ?? 0, rows, ...(hasMoreFaults ? [faults] : [])];
    }),
  );
}
