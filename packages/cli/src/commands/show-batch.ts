import { acceptedKey, findIngestionManifest, findProcessedManifest } from '@totesys/lake';
import type { Command } from '../command-context.ts';
import { drawTable } from '../draw-table.ts';
import { notFound } from '../not-found.ts';
import { parseBatch } from '../parse-batch.ts';

/** `totesys batch show N`: its parts and what it put into quarantine, table by table. */
export const showBatch: Command = async (context, number) => {
  const batch = parseBatch(number);
  const ingestion = (await findIngestionManifest(context.ingestion(), batch))?.manifest;
  const processed = (await findProcessedManifest(context.processed(), batch))?.manifest;
  const isAccepted = (await context.processed().find(acceptedKey(batch))) !== undefined;
  const { terminal } = context;
  if (!ingestion) {
    return {
      command: 'batch show',
      batch,
      ...notFound(terminal, `Batch ${batch} is not in the ingestion lake. See how far it goes with: totesys status`),
    };
  }
  const sum = (parts: readonly { table: string; rows: number }[]) => {
    const rows: Record<string, number> = {};
    for (const part of parts) rows[part.table] = (rows[part.table] ?? 0) + part.rows;
    return rows;
  };
  const shown = {
    changed: sum(ingestion.parts.filter(({ role }) => role === 'changed')),
    deleted: sum(ingestion.deleted),
    quarantinedByIngest: sum(ingestion.quarantined),
    ...(processed && {
      rows: sum(processed.parts.filter(({ role }) => role === 'rows')),
      quarantinedByTransform: sum(processed.quarantined),
    }),
  };
  const { requests } = ingestion;
  terminal.say(`Batch ${batch}, read at ${ingestion.sourceClock} by ${ingestion.codeVersion}`);
  terminal.say(
    drawTable(
      ['what', 'table', 'rows'],
      Object.entries(shown).flatMap(([what, rows]) =>
        Object.entries(rows).map(([table, count]) => [what, table, count]),
      ),
    ),
  );
  if (requests.length > 0) terminal.say(`It answers the requests ${requests.join(', ')}.`);
  if (!processed) terminal.say('It is not transformed yet.');
  if (isAccepted) terminal.say('Its quarantined rows are accepted: load takes it as it is.');
  return { ok: true, command: 'batch show', batch, sourceClock: ingestion.sourceClock, isAccepted, requests, ...shown };
};
